import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { deserializeMessage, type JSONRPCMessage, serializeMessage, type Transport } from '@modelcontextprotocol/client';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';
import { PortError, type ProcessGroups, reasonOf } from '../../ports/index.ts';
import { lineReader } from './line-reader.ts';

/** How long a server may take to end by itself once its input is closed, and then once it is told to. */
const INPUT_CLOSED_MS = 400;
const GRACE_MS = 1_500;
/** How long output may come after the process has ended: a pipe that stays open belongs to somebody else. */
const DRAIN_MS = 200;
const MAX_MESSAGE_BYTES = 8 * 1024 ** 2;
const STDERR_KEPT = 2_000;

export interface StdioTransport extends Transport {
  /** What is known about its end, in words; `''` while it runs well. */
  diagnosis(): string;
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
}: {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the server. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly groups: ProcessGroups;
}): StdioTransport => {
  let child: ChildProcessByStdio<Writable, Readable, Readable> | undefined;
  let stderr = '';
  let end = '';
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
      end ||= signal ? `it was ended by ${signal}` : `it ended with exit code ${code}`;
      exited.resolve();
      setTimeout(() => void close(), DRAIN_MS).unref();
    });
    const spawned = Promise.withResolvers<void>();
    started.once('spawn', spawned.resolve);
    started.once('error', (error) => {
      end = startFailure(command, error);
      spawned.reject(new PortError('invalid-request', end, { retryable: true, cause: error }));
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
    const read = lineReader(MAX_MESSAGE_BYTES, { onLine, onTooLong });
    started.stdout.on('data', read);
  };

  const onLine = (line: string): void => {
    let message: JSONRPCMessage;
    try {
      message = deserializeMessage(line);
    } catch (error) {
      transport.onerror?.(new Error(`a line that is no message: ${reasonOf(error)}`));
      return;
    }
    transport.onmessage?.(message);
  };
  const onTooLong = (): void => {
    end = `it sent a message longer than ${MAX_MESSAGE_BYTES / 1024 ** 2} MB`;
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
      await Promise.race([promise, exited.promise]);
    },
    close,
    diagnosis: () => {
      const said = stderr.trim().split('\n').at(-1) ?? '';
      return [end, ...(end !== '' && said !== '' ? [lineExcerpt(said, 300)] : [])].filter((one) => one !== '').join(': ');
    },
  };
  return transport;
};

const startFailure = (command: string, error: Error): string =>
  'code' in error && error.code === 'ENOENT'
    ? `there is no command ${JSON.stringify(command)}, or its directory is missing`
    : `${JSON.stringify(command)} can't be started: ${reasonOf(error)}`;

const passed = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());
