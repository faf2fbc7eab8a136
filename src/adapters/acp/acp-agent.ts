import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { setTimeout as after } from 'node:timers/promises';
import { client, methods, ndJsonStream, type Stream } from '@agentclientprotocol/sdk';
import { GUARDED_PLACES } from '../../domain/coding/permission.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import type { StartChild, StartedChild } from '../../ports/adapter-kit/child-start.ts';
import {
  type CodingAgent,
  type CodingHooks,
  type CodingResult,
  type CodingRun,
  isPortError,
  PortError,
  reasonOf,
} from '../../ports/index.ts';
import { answerPermission } from './permission.ts';
import { openSession } from './session.ts';
import { makeTranscript } from './transcript.ts';

type Child = StartedChild<ChildProcessWithoutNullStreams>;

export interface AcpAgentOptions {
  /** The program and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** Its whole environment, but for its home and its directory for temporary files. */
  readonly env: Readonly<Record<string, string>>;
  /** Its home directory for a workspace: made, and its own. */
  readonly homeFor: (workspace: string) => Promise<string>;
  /** Directories and files that it must not see. */
  readonly hidden: readonly string[];
  readonly start: StartChild<ChildProcessWithoutNullStreams>;
  /** How long it may take to begin a session. Default: 60 seconds. */
  readonly beginMs?: number;
}

const BEGIN_MS = 60_000;
/** How long a cancelled agent may take to say so. */
const CANCEL_MS = 1_000;
/** How long the end of a process may follow the end of its output. */
const EXIT_MS = 300;
const MAX_MESSAGE_BYTES = 16 * 1024 ** 2;

/** Any agent that speaks the Agent Client Protocol on its standard input and output. Each run starts it anew. */
export const makeAcpAgent = (options: AcpAgentOptions): CodingAgent => ({
  name: `acp:${options.command[0]}`,
  async run(run, hooks) {
    if (run.signal.aborted) throw aborted();
    const [command, ...args] = options.command;
    const home = await options.homeFor(run.workspace);
    const agent = options.start({
      command,
      args,
      cwd: run.workspace,
      env: { ...options.env, HOME: home, TMPDIR: home },
      disk: {
        writable: [run.workspace, home],
        guarded: GUARDED_PLACES.map((place) => `${run.workspace}/${place}`),
        hidden: options.hidden,
      },
    });
    try {
      await agent.started;
      return await converse(agent, run, hooks, options);
    } catch (error) {
      if (run.signal.aborted) throw aborted();
      if (isPortError(error)) throw error;
      if (await hasExited(agent)) throw ended(agent, agent.process.exitCode, agent.process.signalCode);
      throw new PortError('malformed-reply', `the coding agent broke off: ${withErrors(reasonOf(error), agent)}`, {
        retryable: true,
        cause: error,
      });
    } finally {
      await agent.end();
    }
  },
});

/** Talks to a started agent until its work has ended. */
const converse = async (agent: Child, run: CodingRun, hooks: CodingHooks, options: AcpAgentOptions): Promise<CodingResult> => {
  const { signal, limits, instruction } = run;
  const transcript = makeTranscript(hooks);
  const limited = new AbortController();
  const connection = client({ name: 'kept' })
    .onRequest(methods.client.session.requestPermission, ({ params }) => answerPermission(params, hooks, transcript))
    .onNotification(methods.client.session.update, ({ params }) => {
      const { toolCalls, costUsd } = transcript.note(params.update);
      if (toolCalls > limits.maxTurns || (limits.maxCostUsd !== undefined && (costUsd ?? 0) > limits.maxCostUsd)) limited.abort();
    })
    .connect(streamOf(agent));
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => undefined);
  agent.process.once('exit', (code, by) => broken.reject(ended(agent, code, by)));
  const stopped = whenAborted(signal);
  try {
    const begun = openSession(connection.agent, run);
    const late = after(options.beginMs ?? BEGIN_MS, undefined, { signal, ref: false }).then(() => {
      throw new PortError('timeout', withErrors('the coding agent did not begin in time', agent), { retryable: true });
    });
    late.catch(() => undefined);
    const session = await Promise.race([begun, late, broken.promise, stopped.promise]);
    await hooks.onSession?.(session);
    if (signal.aborted) throw aborted();
    transcript.begin();
    const work = connection.agent.request(methods.agent.session.prompt, {
      sessionId: session,
      prompt: [{ type: 'text', text: instruction }],
    });
    work.catch(() => undefined);
    const cut = whenAborted(AbortSignal.any([signal, limited.signal]));
    const response = await Promise.race([work, broken.promise, cut.promise]).catch(async (error: unknown) => {
      if (!signal.aborted && !limited.signal.aborted) throw error;
      // Not awaited: an agent that reads nothing takes no notice either.
      connection.agent.notify(methods.agent.session.cancel, { sessionId: session }).catch(() => undefined);
      return Promise.race([work, broken.promise, after(CANCEL_MS, undefined, { ref: false })]).catch(() => undefined);
    });
    cut.forget();
    const { text, denials, costUsd } = transcript.result();
    const usage = usageOf(response);
    if (signal.aborted) throw aborted();
    return {
      text,
      session,
      usage,
      denials,
      stop: limited.signal.aborted ? 'limit' : stopOf(response?.stopReason),
      ...present({ costUsd }),
    };
  } finally {
    stopped.forget();
    connection.close();
  }
};

const streamOf = ({ process }: Child): Stream =>
  ndJsonStream(
    Writable.toWeb(process.stdin) as WritableStream<Uint8Array>,
    Readable.toWeb(process.stdout) as unknown as ReadableStream<Uint8Array>,
    { maxMessageBytes: MAX_MESSAGE_BYTES },
  );

/** Rejects when the signal aborts; `forget` takes its listener away. */
const whenAborted = (signal: AbortSignal): { readonly promise: Promise<never>; forget(): void } => {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined);
  const abort = (): void => reject(aborted());
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return { promise, forget: () => signal.removeEventListener('abort', abort) };
};

const stopOf = (reason: string | undefined): CodingResult['stop'] => {
  switch (reason) {
    case 'end_turn':
      return 'end';
    case 'max_tokens':
    case 'max_turn_requests':
      return 'limit';
    case 'refusal':
      return 'refused';
    default:
      return 'cancelled';
  }
};

/** Token counts that stand beside the stop reason where an agent tells them; they are not in the protocol yet. */
const usageOf = (response: unknown): CodingResult['usage'] => {
  const told = isRecord(response) && isRecord(response.usage) ? response.usage : {};
  const count = (name: string): number => {
    const value = told[name];
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
  };
  return {
    inputTokens: count('inputTokens'),
    outputTokens: count('outputTokens'),
    cacheReadTokens: count('cachedReadTokens'),
    cacheWriteTokens: count('cachedWriteTokens'),
  };
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

/** Its output ends a moment before it is known how it ended. */
const hasExited = async ({ process }: Child): Promise<boolean> => {
  const isOver = (): boolean => process.exitCode !== null || process.signalCode !== null;
  if (!isOver()) await Promise.race([once(process, 'exit'), after(EXIT_MS, undefined, { ref: false })]);
  return isOver();
};

const aborted = (): PortError => new PortError('aborted', 'the coding agent was told to end', { retryable: true });

const ended = (agent: Child, code: number | null, by: NodeJS.Signals | null): PortError => {
  const how = code === null ? `by ${by}` : `with exit code ${code}`;
  return new PortError('unavailable', withErrors(`the coding agent ended ${how} in the middle of its work`, agent), { retryable: true });
};

/** The failure with the last line that the agent wrote to standard error. */
const withErrors = (words: string, agent: Child): string => {
  const last = agent.errors().trim().split('\n').at(-1) ?? '';
  return last === '' ? words : `${words}; its last words: ${excerpt(last, 300)}`;
};
