import { DEFAULT_RETENTION_MS } from '../domain/promise/worker-settings.ts';
import type { CancelPromise, PurgePromises, RetryPromise } from '../ports/use-cases/command-promise.ts';
import type { MakePromise } from '../ports/use-cases/make-promise.ts';
import type { ApprovePairing, ListPairings, RevokePairing } from '../ports/use-cases/pairing.ts';
import type { CancelSchedule, MakeSchedule } from '../ports/use-cases/schedules.ts';
import { type CheckHealth, makeCheckHealth } from './health/check-health.ts';
import { type ExplainMessage, type ExplainOwn, makeExplainMessage, makeExplainOwn } from './inbox/explain-message.ts';
import { makeApprovePairing, makeListPairings, makeRevokePairing } from './pairing/decide-pairing.ts';
import { type GivenParts, withDefaults } from './parts.ts';
import { makeCancelPromise, makeRetryPromise } from './promises/command-promise.ts';
import { makeMakePromise } from './promises/make-promise.ts';
import { makeCancelSchedule } from './schedules/end-schedule.ts';
import { makeMakeSchedule } from './schedules/make-schedule.ts';
import { makePurgePromises } from './worker/purge-promises.ts';

/** What people and programs may ask for beside the conversation. */
export interface Commands {
  readonly makePromise: MakePromise;
  readonly cancelPromise: CancelPromise;
  readonly retryPromise: RetryPromise;
  readonly purgePromises: PurgePromises;
  readonly makeSchedule: MakeSchedule;
  readonly cancelSchedule: CancelSchedule;
  readonly explain: ExplainMessage;
  /** The same of a message that Kept itself sent. */
  readonly explainOwn: ExplainOwn;
  readonly checkHealth: CheckHealth;
  readonly listPairings: ListPairings;
  readonly approvePairing: ApprovePairing;
  readonly revokePairing: RevokePairing;
}

export interface CommandParts extends Omit<GivenParts, 'changes'> {
  /** Names of the models that are asked: health tells of no others. Absent: of all. */
  readonly models?: readonly string[] | undefined;
}

export const makeCommands = (given: CommandParts): Commands => {
  const { storage, clock, randomness, events, redact, retry, policy, timeZone = 'UTC', ...parts } = withDefaults(given);
  const { stores, unitOfWork } = storage;
  const { promises, schedules } = stores;
  const { calendar, retentionMs = DEFAULT_RETENTION_MS } = parts;
  return {
    makePromise: makeMakePromise({ promises, unitOfWork, clock, randomness, events, redact, retry, policy, timeZone }),
    cancelPromise: makeCancelPromise({ unitOfWork, clock, randomness, events, reason: 'By the operator.' }),
    retryPromise: makeRetryPromise({ unitOfWork, clock, randomness, events }),
    purgePromises: makePurgePromises({ promises, audit: stores.audit, clock, events, retentionMs }),
    makeSchedule: makeMakeSchedule({ schedules, clock, events, redact, retry, policy, calendar, timeZone }),
    cancelSchedule: makeCancelSchedule({ unitOfWork, clock, events }),
    explain: makeExplainMessage({ stores }),
    explainOwn: makeExplainOwn({ stores }),
    checkHealth: makeCheckHealth({ storage, clock, policy, models: given.models }),
    listPairings: makeListPairings(stores),
    approvePairing: makeApprovePairing({ unitOfWork, policy, clock, events }),
    revokePairing: makeRevokePairing({ unitOfWork, policy, clock, events }),
  };
};
