import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GUARDED_PLACES } from '../../domain/coding/permission.ts';
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
import { type DoorBounds, openModelDoor } from './model-door.ts';
import { resultOf } from './result.ts';
import { guardHooks, SAFE_OPTIONS } from './safe-options.ts';
import { type ClaudeSdk, type Fields, listOf } from './sdk.ts';
import { keepSpent, spentBefore, spentIn } from './spent.ts';
import { makeTranscript } from './transcript.ts';

type Child = StartedChild<ChildProcessWithoutNullStreams>;

export interface ClaudeCodeOptions {
  /** Loads `@anthropic-ai/claude-agent-sdk`. */
  readonly load: () => Promise<ClaudeSdk>;
  /** How the model is reached. The key itself never reaches the agent. */
  readonly anthropic: { readonly apiKey: string; readonly baseUrl?: string };
  /** Of answers of its model. Default: minutes, and more than the longest reply. */
  readonly bounds?: Partial<DoorBounds>;
  readonly model?: string;
  /** Its home directory for a workspace: made, and its own. Its sessions are kept there. */
  readonly homeFor: (workspace: string) => Promise<string>;
  /** Directories and files that it must not see. */
  readonly hidden: readonly string[];
  /** Where its tools find the programs of the system. */
  readonly path: string;
  readonly start: StartChild<ChildProcessWithoutNullStreams>;
}

export const INSTALL_CLAUDE_CODE = 'npm install @anthropic-ai/claude-agent-sdk';

const DEFAULT_BASE_URL = 'https://api.anthropic.com';

/** Claude Code, through its SDK. Each run starts its process anew. */
export const makeClaudeCodeAgent = (options: ClaudeCodeOptions): CodingAgent => ({
  name: 'claude-code',
  async run(run, hooks) {
    if (run.signal.aborted) throw aborted();
    const load = async (): Promise<ClaudeSdk> => options.load();
    const sdk = await load().catch((error: unknown) => {
      throw new PortError('unavailable', 'Claude Code is not installed.', {
        retryable: false,
        help: `run \`${INSTALL_CLAUDE_CODE}\` beside Kept; ${reasonOf(error)}`,
        cause: error,
      });
    });
    const home = await options.homeFor(run.workspace);
    const begin = async (session: string, resumes: boolean): Promise<CodingResult | undefined> => {
      await hooks.onSession?.(session);
      if (run.signal.aborted) throw aborted();
      return work(sdk, { ...options, home, session, resumes }, run, hooks);
    };
    const known = run.session !== undefined && (await hasSession(home, run.session)) ? await begin(run.session, true) : undefined;
    return known ?? ((await begin(randomUUID(), false)) as CodingResult);
  },
});

type Work = ClaudeCodeOptions & { readonly home: string; readonly session: string; readonly resumes: boolean };

/** Resolves to undefined if Claude Code does not know the session that it should continue. */
const work = async (sdk: ClaudeSdk, options: Work, run: CodingRun, hooks: CodingHooks): Promise<CodingResult | undefined> => {
  const { anthropic, bounds, home, session, resumes, model, path } = options;
  const { signal, workspace, limits, instruction } = run;
  const door = await openModelDoor({ apiKey: anthropic.apiKey, baseUrl: anthropic.baseUrl ?? DEFAULT_BASE_URL, bounds });
  const started: Child[] = [];
  const controller = new AbortController();
  const transcript = makeTranscript(workspace, hooks);
  const end = (): Promise<unknown> => Promise.all(started.map((agent) => agent.end()));
  const abort = (): void => {
    controller.abort();
    void end();
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    // It may have aborted while the door was opened.
    if (signal.aborted) throw aborted();
    let failure: unknown;
    try {
      const messages = sdk.query({
        prompt: instruction,
        options: {
          ...SAFE_OPTIONS,
          ...(resumes ? { resume: session } : { sessionId: session }),
          ...present({ model, maxBudgetUsd: limits.maxCostUsd }),
          cwd: workspace,
          maxTurns: limits.maxTurns,
          env: environment(home, path, door),
          abortController: controller,
          hooks: guardHooks(workspace, hooks, transcript),
          spawnClaudeCodeProcess: (wanted: SpawnWanted) => {
            const agent = options.start({
              command: wanted.command,
              args: wanted.args,
              cwd: workspace,
              env: Object.fromEntries(Object.entries(wanted.env).filter((entry): entry is [string, string] => entry[1] !== undefined)),
              disk: { writable: [workspace, home], guarded: GUARDED_PLACES.map((place) => join(workspace, place)), hidden: options.hidden },
            });
            started.push(agent);
            return agent.process;
          },
        },
      });
      for await (const message of messages) transcript.note(message);
    } catch (error) {
      // After a result, it throws once more what the result says.
      failure = error;
    }
    if (signal.aborted) throw aborted();
    if (isPortError(failure)) throw failure;
    if (resumes && isUnknownSession(transcript.result(), failure, started)) return undefined;
    const result = resultOf({
      transcript,
      session,
      failure,
      before: await spentBefore(home, session),
      errors: started.map((agent) => agent.errors()),
    });
    await keepSpent(home, session, spentIn(transcript.result() ?? {}));
    return result;
  } finally {
    signal.removeEventListener('abort', abort);
    await end();
    door.close();
  }
};

const isUnknownSession = (result: Fields | undefined, failure: unknown, started: readonly Child[]): boolean =>
  /no conversation found/i.test(
    [...listOf(result?.errors).map(String), reasonOf(failure), ...started.map((agent) => agent.errors())].join('\n'),
  );

interface SpawnWanted {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Its whole environment: no key of anybody, and nothing of Kept's. */
const environment = (
  home: string,
  path: string,
  door: { readonly url: string; readonly token: string },
): Readonly<Record<string, string>> => ({
  PATH: path,
  HOME: home,
  TMPDIR: home,
  CLAUDE_CODE_TMPDIR: home,
  LANG: 'C.UTF-8',
  ANTHROPIC_BASE_URL: door.url,
  ANTHROPIC_API_KEY: door.token,
  CLAUDE_CODE_MAX_RETRIES: '3',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_AUTOUPDATER: '1',
  DISABLE_TELEMETRY: '1',
  DISABLE_ERROR_REPORTING: '1',
});

const aborted = (): PortError => new PortError('aborted', 'Claude Code was told to end', { retryable: true });

/** Whether its home has the transcript of a session. */
const hasSession = async (home: string, session: string): Promise<boolean> => {
  if (!/^[0-9a-f-]{36}$/.test(session)) return false;
  const projects = join(home, '.claude', 'projects');
  const found = await Promise.all(
    (await readdir(projects).catch(() => [])).map((project) => readdir(join(projects, project)).catch((): string[] => [])),
  );
  return found.flat().includes(`${session}.jsonl`);
};
