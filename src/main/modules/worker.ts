import type { Container } from 'inversify';
import { makeCallParts, makeWorker, type WorkerParts } from '../../application/index.ts';
import { bind } from '../bind.ts';
import { placeName } from '../data-dir.ts';
import { TOKENS } from '../tokens.ts';
import { workerIdOf } from '../worker-identity.ts';
import { bindCoding } from './coding.ts';

const T = TOKENS;

/** The worker, named after this process's lock. */
export const bindWork = (container: Container, lock: string): void => {
  bindCoding(container);
  bind(container, T.workerId, { config: T.config, randomness: T.randomness }, ({ config: { database, dataDir }, randomness }) =>
    workerIdOf(lock, randomness.id(), database && placeName(dataDir)),
  );
  bind(
    container,
    T.callParts,
    { tools: T.tools, clock: T.clock, events: T.events, content: T.content, redact: T.redact, judgeCall: T.judgeCall, guard: T.callGuard },
    makeCallParts,
  );
  bind(
    container,
    T.worker,
    {
      storage: T.storage,
      changes: T.changes,
      clock: T.clock,
      randomness: T.randomness,
      redact: T.redact,
      events: T.events,
      correlation: T.correlation,
      calendar: T.calendar,
      runAgent: T.runAgent,
      calls: T.callParts,
      approvalMs: T.approvalMs,
      workerId: T.workerId,
      policy: T.configuredPolicy,
      moved: T.moved,
      paired: T.paired,
      agents: T.agents,
      retry: T.retry,
      settings: T.workerSettings,
      retentionMs: T.retentionMs,
      turns: T.turnSettings,
      files: T.files,
      prices: T.prices,
      perPromise: T.perPromise,
      coding: T.coding,
    },
    (parts: WorkerParts) => makeWorker(parts).worker,
  );
};
