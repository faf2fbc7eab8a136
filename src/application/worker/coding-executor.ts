import { promisedCall } from '../../domain/approval/guarded-call.ts';
import { codingRefusal } from '../../domain/coding/coding-task.ts';
import { decidePermission } from '../../domain/coding/permission.ts';
import { countable, NO_USAGE } from '../../domain/conversation/turn.ts';
import { originOfTask } from '../../domain/message/access.ts';
import type { AgentPromise, LeasedPromise } from '../../domain/promise/promise.ts';
import { decideRight } from '../../domain/rights/decide-right.ts';
import { denialWords } from '../../domain/rights/denial-words.ts';
import { excerpt, excerptWithLength } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import { whyCodingAsks } from '../../domain/trust/judge-trust.ts';
import { joined, type Provenance } from '../../domain/trust/labels.ts';
import type { AccessPolicy, Scope } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CodingAgent, CodingHooks, CodingLimits, CodingResult } from '../../ports/coding-agent.ts';
import type { DirectoryLocks } from '../../ports/directory-locks.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError, PortError } from '../../ports/port-error.ts';
import type { ExecuteOptions, PromiseExecutor, WorkResult } from '../../ports/promise-executor.ts';
import type { KeyValueState } from '../../ports/storage/key-value-state.ts';
import type { PromiseStore } from '../../ports/storage/promise-store.ts';
import type { ChangesSince, WorkspaceChanges } from '../../ports/workspace-changes.ts';
import type { WorkspacePlaces } from '../../ports/workspace-places.ts';
import { CODING_ELSEWHERE } from '../approvals/guard-drafts.ts';
import type { PromiseGuard } from '../approvals/promise-guard.ts';
import type { OpenSpending } from '../budgets/spending.ts';
import { retryWhileUnavailable } from '../loops/retry-while-unavailable.ts';
import { reportOf, unfinished } from './coding-report.ts';
import { makeCodingSessions } from './coding-sessions.ts';
import { scopeOfPromise, sourceOfTask, spenderOf } from './promise-scope.ts';

export interface CodingParts {
  readonly agent: CodingAgent;
  readonly changes: WorkspaceChanges;
  readonly places: WorkspacePlaces;
  readonly locks: DirectoryLocks;
  readonly limits: CodingLimits;
}

/**
 * Keeps a promise by having the coding agent change the files of its directory, one run at a time in a directory. A run
 * that was cut, and a later task of the same chat and directory, continue the agent's session.
 */
export const makeCodingExecutor = (
  deps: CodingParts & {
    readonly sessions: KeyValueState;
    /** Pays for runs. Absent: what they use has no price. */
    readonly openSpending?: OpenSpending | undefined;
    readonly promises: Pick<PromiseStore, 'getMany'>;
    /** Asks for approvals of coding tasks that need one. Default: these are refused. */
    readonly guard?: PromiseGuard | undefined;
    readonly policy: AccessPolicy;
    readonly clock: Clock;
    readonly events: Events;
  },
): PromiseExecutor => {
  const { agent, changes, places, locks, limits, clock, events } = deps;
  const sessions = makeCodingSessions({ state: deps.sessions, agent: agent.name, clock, events });

  /** Runs the agent in a directory that this run alone holds. */
  const work = async (
    promise: LeasedPromise,
    parents: readonly AgentPromise[],
    { directory, workspace }: Scope,
    options: ExecuteOptions,
  ): Promise<WorkResult> => {
    const { signal, progress, onUsage, onShown, onSpending } = options;
    const spending = deps.openSpending?.({ ...spenderOf(promise, workspace), agent: agent.name }, signal);
    if (spending) onSpending?.(spending);
    const paid = await spending?.beginCoding(agent.name, limits.maxCostUsd);
    const about = { promiseId: promise.id, chatId: promise.chatId, agent: agent.name };
    const known = await sessions.find(promise.chatId, directory, signal);
    onShown?.({ provenance: () => joined([fromOf(parents), OF_FILES]) });
    const before = await changes.remember(directory, signal);
    const startedAt = clock.now();
    const hooks: CodingHooks = {
      onProgress: (text) => progress(hidden(text, directory)),
      onPermission: async (kind, title, paths) => {
        const decision = decidePermission({ kind, places: await places.locate(directory, paths) });
        if (!decision.allowed) events.emit({ type: 'coding-denied', ...about, kind, title, reason: decision.reason });
        return decision;
      },
      onSession: (session) => sessions.keep(about, directory, session, signal),
    };
    events.emit({ type: 'coding-run-started', ...about, resumes: known !== undefined });
    try {
      const instruction = instructionFor(promise, parents, known?.promiseId === promise.id);
      const run = { instruction, workspace: directory, limits, signal, ...present({ session: known?.session }) };
      const result = await agent.run(run, hooks).catch((error: unknown) => {
        const usage = isPortError(error) ? (error.usage ?? NO_USAGE) : NO_USAGE;
        paid?.end({ usage: countable(usage), how: mayHaveBegun(error) ? 'broken' : 'refused' });
        return Promise.reject(failureWithout(directory, error));
      });
      paid?.end({ usage: countable(result.usage), how: 'ended', ...present({ costUsd: result.costUsd }) });
      onUsage?.(result.usage);
      emitEnd(result, about, startedAt);
      return await told(withoutDirectory(result, directory), before, signal);
    } finally {
      await before?.end();
    }
  };

  const emitEnd = ({ stop, denials, costUsd }: CodingResult, about: CodingRunFacts, startedAt: number): void =>
    events.emit({
      type: 'coding-run-ended',
      ...about,
      stop,
      denials: denials.length,
      durationMs: clock.now() - startedAt,
      ...present({ costUsd }),
    });

  const told = async (result: CodingResult, before: ChangesSince | undefined, signal: AbortSignal): Promise<WorkResult> => {
    const changed = await before?.since(signal);
    if (result.stop !== 'end') throw unfinished(result, changed, limits);
    return { text: reportOf(result, changed), usage: result.usage, ...present({ model: result.model }) };
  };

  return {
    async execute(promise, options) {
      const { signal, progress } = options;
      const { policy } = deps;
      const scope = scopeOfPromise(promise, policy);
      const denied = guestRefusal(policy, promise);
      if (denied !== undefined) throw notChanged(denied);
      const refusal = codingRefusal(policy, { chatKind: promise.chatKind, scope });
      const { dependsOn } = promise;
      const parents = dependsOn.length > 0 ? await retryWhileUnavailable(() => deps.promises.getMany(dependsOn), deps, signal) : [];
      const told = { ...promise, provenance: joined([sourceOfTask(promise, policy), fromOf(parents)]) };
      const led = whyCodingAsks(told.provenance);
      if (deps.guard) {
        const reason = refusal === undefined ? led : CODING_ELSEWHERE;
        await retryWhileUnavailable(async () => deps.guard?.require(told, scope.directory, reason), deps, signal);
      } else if (refusal !== undefined || led !== undefined)
        throw notChanged(refusal ?? 'it needs an approval, which nobody can give here');
      const { directory } = scope;
      // Rejects where the directory is missing.
      await places.locate(directory, ['.']);
      const release = await locks.take(directory, signal, () => progress('waiting for another coding task in this directory'));
      try {
        return await work(promise, parents, scope, options);
      } finally {
        await release();
      }
    },
  };
};

/** A role may have changed since the task was made; where code is changed at all, is decided beside. */
const guestRefusal = (policy: AccessPolicy, promise: LeasedPromise): string | undefined => {
  const origin = originOfTask(promise);
  const decision = decideRight(policy, origin, 'start-coding');
  return decision.rule === 'guest' ? denialWords(policy, origin, decision, { person: 'They' }).replace(/\.$/, '') : undefined;
};

/** Where the results come from that a task builds on. */
const fromOf = (parents: readonly AgentPromise[]): Provenance => joined(parents.map(({ provenance }) => provenance));

/** A coding agent reads what the directory holds. */
const OF_FILES: Provenance = { labels: ['file', 'agent'], isPrivate: true };

const notChanged = (reason: string): PortError => new PortError('unauthorised', `No code was changed: ${reason}.`, { retryable: false });

/** Where the directory lies on the disk is nobody's business. */
const hidden = (text: string, directory: string): string => text.replaceAll(`${directory}/`, '').replaceAll(directory, '.');

const withoutDirectory = (result: CodingResult, directory: string): CodingResult => ({
  ...result,
  text: hidden(result.text, directory),
  denials: result.denials.map(({ title, reason }) => ({ title: hidden(title, directory), reason: hidden(reason, directory) })),
});

/** The same failure without the directory: its words may be the last ones of the agent. */
const failureWithout = (directory: string, error: unknown): unknown =>
  isPortError(error) ? new PortError(error.code, hidden(error.message, directory), { ...error, cause: error }) : error;

/** A run that was refused, or could not start, costs nothing; of any other that failed, nobody knows. */
const mayHaveBegun = (error: unknown): boolean =>
  !isPortError(error) || !['unauthorised', 'not-found', 'invalid-request'].includes(error.code);

interface CodingRunFacts {
  readonly promiseId: LeasedPromise['id'];
  readonly chatId: LeasedPromise['chatId'];
  readonly agent: string;
}

/** The longest of a result that a task builds on, in UTF-16 units, and of all of them. */
const MAX_RESULT_LENGTH = 20_000;
const MAX_RESULTS_LENGTH = 100_000;

/** What the agent is told: the task, what it builds on, and whether it was at it before. */
const instructionFor = (promise: LeasedPromise, parents: readonly AgentPromise[], wasCut: boolean): string => {
  const done = parents.filter((parent) => parent.status === 'completed');
  const length = Math.min(MAX_RESULT_LENGTH, Math.floor(MAX_RESULTS_LENGTH / Math.max(1, done.length)));
  const results = done.map(
    ({ description, result }) =>
      `Result of an earlier task ("${excerpt(description, length)}"), as material:\n${excerptWithLength(result, length)}`,
  );
  const again = wasCut ? ['You were interrupted while you worked on this task. See what is done already, and finish it.'] : [];
  return [...again, promise.description, ...results, CLOSING].join('\n\n');
};

const CLOSING = 'When you are done, say in a few sentences what you changed, and what you could not do.';

/** Sends each promise to the executor that does its kind of work. */
export const makeExecutorRouter = (deps: {
  /** Runs promises that are one call of a tool. Absent: none is run here. */
  readonly calls?: PromiseExecutor | undefined;
  readonly isCoding: (promise: LeasedPromise) => boolean;
  /** Absent: no coding agent is configured here. */
  readonly coding: PromiseExecutor | undefined;
  readonly otherwise: PromiseExecutor;
}): PromiseExecutor => ({
  async execute(promise, options) {
    if (promisedCall(promise)) {
      if (deps.calls) return deps.calls.execute(promise, options);
      throw new PortError('could-not', 'Calls that people approve are not run here.', { retryable: false });
    }
    if (!deps.isCoding(promise)) return deps.otherwise.execute(promise, options);
    if (deps.coding) return deps.coding.execute(promise, options);
    throw new PortError('unavailable', 'This worker has no coding agent.', {
      retryable: true,
      help: 'set KEPT_CODING_AGENT for every worker, see docs/how-to/code-with-an-agent.md',
    });
  },
});
