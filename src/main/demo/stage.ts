import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processGroups } from '../../adapters/child-process/index.ts';
import { type ChatClient, makeHttpChatClient } from '../../adapters/terminal/index.ts';
import type { TranscriptMessage } from '../../ports/index.ts';
import type { Started } from '../started.ts';
import type { Note } from './log.ts';
import type { DemoSite } from './site.ts';

/** What a step did not show, in a sentence. */
export class StepError extends Error {
  override readonly name = 'StepError';
}

/** What a command printed, and how it ended. */
export interface CommandResult {
  readonly code: number | null;
  readonly output: string;
}

/** Drives Kept as its user would: through its command, its chat and its files. */
export interface Stage {
  readonly site: DemoSite;
  /** Starts bot and worker in a process of their own. Rejects if it does not serve. */
  start(): Promise<void>;
  /** Ends that process at once, as a power cut would. */
  kill(): Promise<void>;
  /** Says something in the local chat, and resolves to the answer. Rejects if that does not fit. */
  say(text: string, expected: RegExp): Promise<string>;
  /** Resolves to the next message in the local chat that fits, after the last one that was heard. */
  hear(message: RegExp): Promise<string>;
  /** Runs one command to its end. */
  run(...words: readonly string[]): Promise<CommandResult>;
  /** Ends everything that was started. */
  close(): Promise<void>;
}

const own = fileURLToPath(import.meta.url);
const KEPT = join(dirname(own), '..', `kept${own.slice(own.lastIndexOf('.'))}`);

/** How long an answer, a promise's result or a command may take. */
const MAX_WAIT_MS = 20_000;
/** How long a process may take to end once it is told to. */
const STOP_MS = 10_000;
/** The same, where this process was killed. */
const GUARD_MS = 3_000;
const OWN_GROUP = { detached: true } as const;

export interface StageOptions {
  /** The program of Kept. Default: this one. */
  readonly kept?: string;
  /** How long it may take to start. */
  readonly startMs?: number;
}

export const makeStage = (site: DemoSite, note: Note, { kept = KEPT, startMs = MAX_WAIT_MS }: StageOptions = {}): Stage => {
  const children = new Set<ChildProcess>();
  let running: { readonly child: ChildProcess; readonly client: ChatClient } | undefined;
  const closing = new AbortController();
  let heard = 0;

  /** The child is in a process group of its own, which ends with this process, even if that is killed. */
  const tracked = (child: ChildProcess): ChildProcess => {
    children.add(child);
    const ended = once(child, 'exit').finally(() => children.delete(child));
    const guarded = once(child, 'spawn').then(() => processGroups.guard(child.pid as number, GUARD_MS));
    // What has no guard is ended at once: it would be left behind. The wait for its end tells why it is gone.
    guarded.catch(() => child.kill('SIGKILL'));
    void Promise.all([guarded, ended]).then(
      ([dismiss]) => dismiss(),
      () => undefined,
    );
    return child;
  };

  const start = async (): Promise<void> => {
    const child = tracked(
      fork(kept, ['start'], { ...OWN_GROUP, cwd: site.root, env: site.env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] }),
    );
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
      note(chunk.toString().trimEnd());
    });
    const late = setTimeout(() => child.kill('SIGKILL'), startMs);
    const [started] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [undefined])]);
    clearTimeout(late);
    const { url } = (started ?? {}) as Partial<Started>;
    const within = child.signalCode === 'SIGKILL' ? ` within ${Math.ceil(startMs / 1_000)} s` : '';
    if (url === undefined) throw new StepError(`Kept did not start${within}: ${errors.trim() || 'it said nothing'}`);
    running = { child, client: makeHttpChatClient({ baseUrl: url }) };
  };

  const kill = async (): Promise<void> => {
    const child = running?.child;
    running = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };

  const chat = (): ChatClient => {
    if (!running) throw new StepError('Kept is not running');
    return running.client;
  };

  /** The first message of the agent that `isMeant`, among those that came after the last one that was heard. */
  const next = async (isMeant: (said: TranscriptMessage) => boolean, what: string): Promise<string> => {
    const found = Promise.withResolvers<TranscriptMessage>();
    const unsubscribe = chat().subscribe((event) => {
      if (event.type === 'message' && event.message.from === 'agent' && isMeant(event.message)) found.resolve(event.message);
    }, heard);
    const end = (): void => found.reject(new StepError(`${what} was not waited for`));
    if (closing.signal.aborted) end();
    closing.signal.addEventListener('abort', end, { once: true });
    const timer = setTimeout(() => found.reject(new StepError(`${what} did not come in ${MAX_WAIT_MS / 1000} s`)), MAX_WAIT_MS);
    try {
      const { text, sequence } = await found.promise;
      heard = sequence;
      note(`  Kept: ${text.replaceAll('\n', '\n        ')}`);
      return text;
    } finally {
      clearTimeout(timer);
      closing.signal.removeEventListener('abort', end);
      unsubscribe();
    }
  };

  return {
    site,
    start,
    kill,
    hear: (message) => next(({ text }) => message.test(text), `a message that fits ${message}`),
    async say(text, expected) {
      note(`  You:  ${text}`);
      const posted = await chat().post(text);
      if (!posted.ok) throw new StepError(`the message was refused: ${posted.error.message}`);
      const { messageId } = posted.value;
      const answer = await next(({ answers }) => answers.includes(messageId), 'the answer');
      if (!expected.test(answer)) throw new StepError(`the answer to “${text}” does not fit ${expected}: ${answer}`);
      return answer;
    },
    async run(...words) {
      note(`  $ kept ${words.map((word) => (/\s/.test(word) ? JSON.stringify(word) : word)).join(' ')}`);
      const child = tracked(
        spawn(process.execPath, [KEPT, ...words], { ...OWN_GROUP, cwd: site.root, env: site.env, stdio: ['ignore', 'pipe', 'pipe'] }),
      );
      const timer = setTimeout(() => child.kill('SIGKILL'), MAX_WAIT_MS);
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
      const [code] = (await once(child, 'close')) as [number | null];
      clearTimeout(timer);
      note(output.trimEnd().replaceAll(/^/gm, '    '));
      return { code, output };
    },
    async close() {
      closing.abort();
      const ended = [...children].map((child) => once(child, 'exit'));
      for (const child of children) child.kill('SIGTERM');
      const hurry = setTimeout(() => {
        for (const child of children) child.kill('SIGKILL');
      }, STOP_MS);
      await Promise.all(ended);
      clearTimeout(hurry);
    },
  };
};
