import type { KeptEvent } from '../../domain/events/event.ts';
import {
  HEARTBEAT_MS,
  MAX_OVER,
  MAX_OVER_EACH,
  PROCESS_RETENTION_MS,
  type ProcessIdentity,
  type ProcessWork,
  SILENT_AFTER_MS,
} from '../../domain/process/register.ts';
import { durationWords } from '../../domain/shared/duration.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { makePollReport } from '../loops/poll-report.ts';
import type { EventListener } from '../telemetry/make-events.ts';
import { type StoreFault, storeFaultOf } from './store-fault.ts';

const PURGE_EVERY_MS = 60 * 60_000;
/** A storage that refuses within that time has answered; one that takes longer was waited for in vain. */
const REFUSED_WITHIN_MS = 1_000;

export interface ProcessRegistration {
  /** Takes in what an event says of this process: what changes it is in the register at once. */
  readonly listen: EventListener;
  /**
   * Enters the process in the register, and gives a sign of life every 15 s. Resolves when it is entered, or the store
   * has refused that: whoever reads the register after it finds this process.
   */
  start(): Promise<void>;
  /** Why the store can't be written at the moment, as far as signs of life show. */
  fault(): StoreFault | undefined;
  /**
   * For how long the store has given no answer to signs of life, not even a refusal; 0 where it has answered the last
   * one. A process whose store refuses, and comes back later, is well.
   */
  unansweredMs(): number;
  /** Tells the register that the process was stopped. Resolves when that is stored; rejects where it can't be. */
  stop(): Promise<void>;
}

/**
 * Keeps this process in the register: one small commit every 15 s, and one where it begins or ceases to lead. While the
 * storage refuses, the process counts as silent; nothing is made up for afterwards. What is over is forgotten, by each
 * process that starts and once an hour, so that a process that restarts over and over leaves no more than its due.
 */
export const makeProcessRegistration = (deps: {
  readonly unitOfWork: UnitOfWork;
  readonly identity: ProcessIdentity;
  /** What the process is at, now. */
  readonly workNow: (phase: ProcessWork['phase']) => Promise<Omit<ProcessWork, 'phase'>>;
  readonly clock: Clock;
  readonly events: Events;
}): ProcessRegistration => {
  const { unitOfWork, identity, clock, events } = deps;
  let phase: ProcessWork['phase'] = 'starting';
  let purgeAt = 0;
  const elapsed = clock.elapsed ?? clock.now;
  /** When the latest beat was stored, or the first one began. */
  let storedAt = elapsed();
  let failure: StoreFault | undefined;
  let unansweredSince: number | undefined;
  const report = makePollReport(events, 'processes');
  let isRunning = false;
  let isWanted = false;
  let current: Promise<void> | undefined;
  let cancel = (): void => undefined;

  const beat = async (): Promise<void> => {
    const work = { phase, ...(await deps.workNow(phase)) };
    const now = clock.now();
    const living = { ...identity, heartbeatAt: now, work };
    // Also after a clock was set back.
    const isPurgeDue = now >= purgeAt || purgeAt - now > PURGE_EVERY_MS;
    await unitOfWork.run(async ({ processes }) => {
      await processes.beat(living);
      if (isPurgeDue) await processes.purge(retention(now));
    });
    if (isPurgeDue) purgeAt = now + PURGE_EVERY_MS;
  };

  const tryBeat = async (): Promise<void> => {
    const beganAt = elapsed();
    unansweredSince ??= beganAt;
    try {
      await beat();
      report.worked();
      failure = undefined;
      unansweredSince = undefined;
      storedAt = elapsed();
    } catch (error) {
      failure = storeFaultOf(error);
      if (elapsed() - beganAt < REFUSED_WITHIN_MS) unansweredSince = undefined;
      report.failed(error);
    }
  };

  const beatWhileWanted = async (): Promise<void> => {
    while (isWanted) {
      isWanted = false;
      await tryBeat();
    }
    current = undefined;
    if (isRunning) cancel = clock.after(HEARTBEAT_MS, beatNow);
  };

  const beatNow = (): void => {
    if (!isRunning) return;
    cancel();
    isWanted = true;
    current ??= beatWhileWanted();
  };

  return {
    listen: (event) => {
      if (event.type === 'process-started') phase = 'running';
      if (event.type === 'process-stopping') phase = 'stopping';
      if (event.type === 'process-failed') phase = 'failed';
      if (CHANGES.has(event.type)) beatNow();
    },
    async start() {
      isRunning = true;
      beatNow();
      await current;
    },
    fault() {
      const silentMs = elapsed() - storedAt;
      return failure ?? (silentMs > SILENT_AFTER_MS ? { reason: `nothing could be stored for ${durationWords(silentMs)}` } : undefined);
    },
    unansweredMs: () => (unansweredSince === undefined ? 0 : elapsed() - unansweredSince),
    async stop() {
      isRunning = false;
      cancel();
      await current;
      await unitOfWork.run(({ processes }) => processes.stop(identity.id, clock.now()));
    },
  };
};

/** Events after which the register is told at once. */
const CHANGES: ReadonlySet<KeptEvent['type']> = new Set([
  'process-started',
  'process-stopping',
  'process-failed',
  'leader-elected',
  'leader-standby',
  'leader-lost',
  'leader-lease-not-renewed',
] as const);

const retention = (now: number) => ({
  before: now - PROCESS_RETENTION_MS,
  silentBefore: now - SILENT_AFTER_MS,
  after: now + PROCESS_RETENTION_MS,
  each: MAX_OVER_EACH,
  most: MAX_OVER,
});
