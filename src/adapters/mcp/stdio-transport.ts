import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { deserializeMessage, type JSONRPCMessage, serializeMessage, type Transport } from '@modelcontextprotocol/client';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';
import { PortError, type ProcessGroups, reasonOf } from '../../ports/index.ts';
import { type Failure, helpFor } from './connection-failure.ts';
import { lastWords } from './last-words.ts';
import { lineReader } from './line-reader.ts';

/** How long a server may take to end by itself once its input is closed, and then once it is told to. */
const INPUT_CLOSED_MS = 400;
const GRACE_MS = 1_500;
/** How long output may come after the process has ended: a pipe that stays open belongs to somebody else. */
const DRAIN_MS = 200;
const MAX_MESSAGE_BYTES = 8 * 1024 ** 2;
/** More lines than this within that time are a flood, which would keep this process from all else. */
const [FLOOD_LINES, FLOOD_MS] = [10_000, 10_000];
const STDERR_KEPT = 4_000;

export interface StdioTransport extends Transport {
  /** What is known to be wrong with it; undefined while it runs well. */
  diagnosis(): Failure | undefined;
}

/**
 * Talks to a server that is a child process with a group of its own. Whatever happens, the whole group ends with the
 * connection, and with this process.
 */
export const makeStdioTransport = ({
  command,
  args,
  env,
  cwd,
  groups,
  onNoise,
}: {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the server. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly groups: ProcessGroups;
  /** Called at the first line that is no message, where no message came before it. */
  readonly onNoise: (reason: Failure) => void;
}): StdioTransport => {
  let child: ChildProcessByStdio<Writable, Readable, Readable> | undefined;
  let stderr = '';
  let end: { readonly words: string; readonly help?: string; readonly byItself?: boolean } | undefined;
  /** Whether it has sent a message, and the first line that was none. */
  let hasSpoken = false;
  let noise: string | undefined;
  let closing: Promise<void> | undefined;
  const exited = Promise.withResolvers<void>();

  const start = async (): Promise<void> => {
    const started = spawn(command, args, { env, cwd, detached: true, stdio: 'pipe' });
    child = started;
    started.stdin.on('error', () => undefined);
    started.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-STDERR_KEPT);
    });
    started.once('exit', (code, signal) => {
      const how = signal ? `it was ended by ${signal}` : `it ended with exit code ${code}`;
      end ??= { words: hasSpoken ? how : `${how} before it answered`, byItself: !hasSpoken && !signal };
      exited.resolve();
      setTimeout(() => void close(), DRAIN_MS).unref();
    });
    const spawned = Promise.withResolvers<void>();
    started.once('spawn', spawned.resolve);
    started.once('error', (error) => {
      spawned.reject(startFailure(command, error));
    });
    await spawned.promise;
    const group = started.pid as number;
    const dismiss = await groups.guard(group, GRACE_MS).catch(async (error: unknown) => {
      await groups.end(group, 0);
      throw error;
    });
    void exited.promise.then(async () => {
      await groups.end(group, GRACE_MS);
      dismiss();
    });
    const onFlood = (): void => onTooMuch(`it sent more than ${FLOOD_LINES} messages within ${FLOOD_MS / 1_000} s`);
    const onTooLong = (): void => onTooMuch(`it sent a message longer than ${MAX_MESSAGE_BYTES / 1024 ** 2} MB`);
    started.stdout.on('data', lineReader(MAX_MESSAGE_BYTES, { onLine: dammed(onLine, onFlood), onTooLong }));
  };

  const onLine = (line: string): void => {
    let message: JSONRPCMessage;
    try {
      message = deserializeMessage(line);
    } catch (error) {
      if (noise === undefined && !hasSpoken) onNoise(noiseFailure(line));
      noise ??= line;
      transport.onerror?.(new Error(`a line that is no message: ${reasonOf(error)}`));
      return;
    }
    hasSpoken = true;
    transport.onmessage?.(message);
  };
  const onTooMuch = (words: string): void => {
    end ??= { words, help: 'its author may know why' };
    void close();
  };

  const close = (): Promise<void> => {
    closing ??= closeOnce();
    return closing;
  };
  const closeOnce = async (): Promise<void> => {
    const group = child?.pid;
    if (child && group !== undefined) {
      child.stdin.end();
      await Promise.race([exited.promise, passed(INPUT_CLOSED_MS)]);
      await groups.end(group, GRACE_MS);
      child.stdout.destroy();
      child.stderr.destroy();
    }
    transport.onclose?.();
  };

  const transport: StdioTransport = {
    start,
    send: async (message) => {
      if (!child?.stdin.writable || closing) throw new PortError('unavailable', 'the server is not running', { retryable: true });
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      child.stdin.write(serializeMessage(message), (error) => (error ? reject(error) : resolve()));
      try {
        await Promise.race([promise, exited.promise]);
      } catch (error) {
        // Most often it is ending, and its end says more; the connection is closed with it.
        const hasEnded = await Promise.race([exited.promise.then(() => true), passed(INPUT_CLOSED_MS).then(() => false)]);
        if (!hasEnded) throw new PortError('unavailable', 'it closed its standard input', { retryable: true, help: HELP, cause: error });
      }
    },
    close,
    diagnosis: () => {
      if (!end && (hasSpoken || noise === undefined)) return undefined;
      if (!end) return noiseFailure(noise ?? '');
      const said = lastWords(stderr);
      // What a program says before it gives up at its start is the reason; else, it may be about anything.
      const link = end.byItself ? ':' : '; its last words:';
      const words = said === '' ? end.words : `${end.words}${link} ${lineExcerpt(said, 300)}`;
      return new PortError('unavailable', words, { retryable: true, help: end.help ?? HELP });
    },
  };
  return transport;
};

/** Passes lines on until there are too many of them in too short a time; then calls `onFlood`, once. */
const dammed = (onLine: (line: string) => void, onFlood: () => void): ((line: string) => void) => {
  let since = performance.now();
  let lines = 0;
  return (line) => {
    if (lines <= FLOOD_LINES && performance.now() - since > FLOOD_MS) {
      since = performance.now();
      lines = 0;
    }
    lines++;
    if (lines <= FLOOD_LINES) onLine(line);
    else if (lines === FLOOD_LINES + 1) onFlood();
  };
};

const HELP = helpFor({ kind: 'stdio' });
const NOISE_HELP = 'its command must start an MCP server, and write nothing else to standard output: logs belong on standard error';

const noiseFailure = (line: string): Failure => {
  const words = `it writes to standard output what is no message of the protocol: ${JSON.stringify(lineExcerpt(line.slice(0, 1_000), 200))}`;
  return new PortError('malformed-reply', words, { retryable: true, help: NOISE_HELP });
};

const startFailure = (command: string, error: Error): Failure => {
  const code = 'code' in error ? error.code : undefined;
  const named = JSON.stringify(command);
  const [words, help] =
    code === 'ENOENT'
      ? [`there is no command ${named}, or its directory is missing`, 'install it, or correct "command" in its entry']
      : code === 'EACCES'
        ? [`${named} is no program that may be run`, 'name a program in "command" of its entry, or make the file executable']
        : [`${named} can't be started: ${reasonOf(error)}`, HELP];
  return new PortError('invalid-request', words, { retryable: true, help, cause: error });
};

const passed = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());
