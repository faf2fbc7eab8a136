import { isCodingTask } from '../domain/coding/coding-task.ts';
import { type TurnSettings, turnSettings } from '../domain/conversation/turn-settings.ts';
import { DEFAULT_RETENTION_MS, type WorkerSettings, workerSettings } from '../domain/promise/worker-settings.ts';
import { present } from '../domain/shared/present.ts';
import type { Clock } from '../ports/clock.ts';
import type { Events } from '../ports/events.ts';
import type { PromiseExecutor } from '../ports/promise-executor.ts';
import { type AgentCatalog, makeAgentCatalog } from './agents/agent-catalog.ts';
import type { RunAgent } from './agents/run-agent.ts';
import { makeShowFiles } from './agents/show-files.ts';
import { makeExpireApprovals } from './approvals/expire-approvals.ts';
import { makePromiseGuard } from './approvals/promise-guard.ts';
import { auditedJournal } from './audit/append-steps.ts';
import { makeSealFacts } from './audit/seal-facts.ts';
import { makePurgeLedger } from './budgets/purge-ledger.ts';
import { type MovedChats, makeMovedChats } from './chats/moved-chats.ts';
import { makePurgeDenied } from './inbox/purge-denied.ts';
import { makePurgeRequestKeys } from './inbox/purge-request-keys.ts';
import { retryWhileUnavailable } from './loops/retry-while-unavailable.ts';
import { makePairedPeople, type PairedPeople } from './pairing/paired-people.ts';
import { type GivenParts, type Optional, withDefaults } from './parts.ts';
import { makeTickSchedules } from './schedules/tick-schedules.ts';
import type { CallParts } from './tools/call-parts.ts';
import { openSpendingWith } from './with-spending.ts';
import { makeAgentExecutor } from './worker/agent-executor.ts';
import { makeBegunTurn } from './worker/begun-turn.ts';
import { makeCallExecutor } from './worker/call-executor.ts';
import { type CodingParts, makeCodingExecutor, makeExecutorRouter } from './worker/coding-executor.ts';
import { makeExpirePromises } from './worker/expire-promises.ts';
import { makePromiseRuns } from './worker/promise-run.ts';
import { makePurgeLoop } from './worker/purge-promises.ts';
import { makePurgeRuns } from './worker/purge-runs.ts';
import { makePromiseWorker, type PromiseWorker } from './worker/run-promises.ts';

export interface WorkerParts extends GivenParts {
  readonly runAgent: RunAgent;
  /** Names this worker in leases. */
  readonly workerId: string;
  /** Default: the built-in agents. */
  readonly agents?: AgentCatalog | undefined;
  /** Does the work of promises. Default: it runs the agent that a promise names. */
  readonly executor?: PromiseExecutor | undefined;
  /** Runs promises that are one call of a tool. Absent: none is run here. */
  readonly calls?: CallParts | undefined;
  /** How long an approval waits for a decision. Default: a day. */
  readonly approvalMs?: number | undefined;
  /** Changes code. Absent: promises of coding tasks fail here, and another worker may keep them. */
  readonly coding?: CodingParts | undefined;
  readonly settings?: Optional<WorkerSettings> | undefined;
  /** How much of the conversation is shown to a promise that continues a turn. */
  readonly turns?: Optional<TurnSettings> | undefined;
}

/** Who was let in, and where chats have moved, is read before each promise: other processes may have changed it. */
const upToDate = (
  { moved, paired }: { readonly moved: Pick<MovedChats, 'load'>; readonly paired: Pick<PairedPeople, 'refresh'> },
  waiting: { readonly clock: Clock; readonly events: Events },
  executor: PromiseExecutor,
): PromiseExecutor => ({
  execute: async (promise, options) => {
    await retryWhileUnavailable(() => Promise.all([moved.load(), paired.refresh()]), waiting, options.signal);
    return executor.execute(promise, options);
  },
});

/** Everything that keeps promises, and the parts that it is made of. */
export const makeWorker = (given: WorkerParts) => {
  const {
    storage,
    changes,
    clock,
    randomness,
    redact,
    events,
    correlation,
    policy: configured,
    calendar,
    retentionMs = DEFAULT_RETENTION_MS,
    ...rest
  } = withDefaults(given);
  const { stores, unitOfWork, queue } = storage;
  const { moved = makeMovedChats(stores.chatMoves), paired = makePairedPeople(stores.pairings, configured) } = rest;
  const policy = moved.over(paired.over(configured));
  const openSpending = openSpendingWith({ ...rest, storage, clock, randomness, redact, events }, policy, rest.settings?.leaseMs);
  const { promises } = stores;
  const { maxHistoryTokens } = turnSettings(rest.turns);
  const show = rest.files && makeShowFiles({ messages: stores.messages, files: rest.files, clock, redact, events });
  const runs = makePromiseRuns({ journal: auditedJournal(stores.journal, unitOfWork), unitOfWork, randomness, clock, events });
  const guard = makePromiseGuard({ approvals: stores.approvals, clock, approvalMs: rest.approvalMs });
  const agentExecutor = () =>
    makeAgentExecutor({
      guard,
      showFiles: show && ((steps, chat) => show(steps, { ...chat, maxEarlierTokens: maxHistoryTokens })),
      promises,
      openSpending,
      schedules: stores.schedules,
      messages: stores.messages,
      begunTurn: makeBegunTurn({ stores, policy, settings: turnSettings(rest.turns) }),
      runAgent: rest.runAgent,
      runs,
      agents: rest.agents ?? makeAgentCatalog(),
      policy,
      clock,
      events,
      ...present({ timeZone: rest.timeZone }),
    });
  const coding =
    rest.coding &&
    makeCodingExecutor({
      ...rest.coding,
      openSpending,
      guard,
      sessions: storage.state('coding'),
      promises,
      policy,
      clock,
      events,
    });
  const calls =
    rest.calls &&
    makeCallExecutor({
      ...rest.calls,
      openSpending,
      agents: rest.agents ?? makeAgentCatalog(),
      runs,
      policy,
      clock,
      events,
      redact,
    });
  const executor =
    rest.executor ??
    upToDate(
      { moved, paired },
      { clock, events },
      makeExecutorRouter({ calls, isCoding: isCodingTask, coding, otherwise: agentExecutor() }),
    );
  const runner = makePromiseWorker({
    workerId: rest.workerId,
    policy,
    queue,
    promises,
    unitOfWork,
    executor,
    runs,
    changes,
    clock,
    randomness,
    redact,
    correlation,
    events,
    settings: workerSettings(rest.settings),
  });
  const expiry = makeExpireApprovals({ approvals: stores.approvals, unitOfWork, changes, clock, randomness, events });
  const deadlines = makeExpirePromises({ promises, unitOfWork, changes, clock, randomness, events });
  const ticks =
    calendar &&
    makeTickSchedules({ schedules: stores.schedules, unitOfWork, calendar, policy, paired, changes, clock, randomness, events });
  const background = [
    deadlines,
    expiry,
    makePurgeLoop({ promises, changes, clock, events, retentionMs }),
    makePurgeRuns({ journal: stores.journal, unitOfWork, retentionMs, changes, clock, randomness, events }),
    makePurgeLedger({ ledger: stores.ledger, changes, clock, events }),
    makePurgeDenied({ messages: stores.messages, changes, clock, events }),
    makePurgeRequestKeys({ requestKeys: stores.requestKeys, changes, clock, events }),
    makeSealFacts({ audit: stores.audit, changes, clock, events }),
    ...(ticks ? [ticks] : []),
  ];
  const worker: PromiseWorker = {
    start() {
      runner.start();
      for (const loop of background) loop.start();
    },
    running: runner.running,
    async stop(graceMs, hurried) {
      await Promise.all([runner.stop(graceMs, hurried), ...background.map((loop) => loop.stop())]);
    },
  };
  return { worker, parts: { runner, deadlines, expiry, ticks } };
};
