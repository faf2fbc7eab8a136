import { type TurnSettings, turnSettings } from '../domain/conversation/turn-settings.ts';
import { DEFAULT_RETENTION_MS, type WorkerSettings, workerSettings } from '../domain/promise/worker-settings.ts';
import type { PromiseExecutor } from '../ports/promise-executor.ts';
import { type AgentCatalog, makeAgentCatalog } from './agents/agent-catalog.ts';
import type { RunAgent } from './agents/run-agent.ts';
import { makePurgeDenied } from './inbox/purge-denied.ts';
import { type GivenParts, type Optional, withDefaults } from './parts.ts';
import { makeTickSchedules } from './schedules/tick-schedules.ts';
import { makeAgentExecutor } from './worker/agent-executor.ts';
import { makeBegunTurn } from './worker/begun-turn.ts';
import { makeExpirePromises } from './worker/expire-promises.ts';
import { makePurgeLoop } from './worker/purge-promises.ts';
import { makePromiseWorker, type PromiseWorker } from './worker/run-promises.ts';

export interface WorkerParts extends GivenParts {
  readonly runAgent: RunAgent;
  /** Names this worker in leases. */
  readonly workerId: string;
  /** Default: the built-in agents. */
  readonly agents?: AgentCatalog | undefined;
  /** Does the work of promises. Default: it runs the agent that a promise names. */
  readonly executor?: PromiseExecutor | undefined;
  readonly settings?: Optional<WorkerSettings> | undefined;
  /** How much of a conversation a promise is shown that goes on with a turn. */
  readonly turns?: Optional<TurnSettings> | undefined;
}

/** Everything that keeps promises. */
export const makeWorker = (given: WorkerParts): PromiseWorker => {
  const parts = withDefaults(given);
  const { storage, events, runAgent, agents = makeAgentCatalog(), workerId, ...shared } = parts;
  const { stores, unitOfWork, queue } = storage;
  const begunTurn = makeBegunTurn({ stores, settings: turnSettings(parts.turns) });
  const executor =
    parts.executor ??
    makeAgentExecutor({
      ...shared,
      events,
      promises: stores.promises,
      schedules: stores.schedules,
      chatMoves: stores.chatMoves,
      begunTurn,
      runAgent,
      agents,
    });
  const settings = workerSettings(parts.settings);
  const worker = makePromiseWorker({ ...shared, workerId, queue, promises: stores.promises, unitOfWork, executor, settings, events });
  const { schedules } = stores;
  const chores = [
    makeExpirePromises({ ...shared, promises: stores.promises, unitOfWork, events }),
    makePurgeLoop({ ...shared, promises: stores.promises, events, retentionMs: parts.retentionMs ?? DEFAULT_RETENTION_MS }),
    makePurgeDenied({ ...shared, messages: stores.messages, events }),
    ...(parts.calendar ? [makeTickSchedules({ ...shared, schedules, unitOfWork, calendar: parts.calendar, events })] : []),
  ];
  return {
    start() {
      worker.start();
      for (const chore of chores) chore.start();
    },
    running: worker.running,
    async stop(graceMs, hurried) {
      await Promise.all([worker.stop(graceMs, hurried), ...chores.map((chore) => chore.stop())]);
    },
  };
};
