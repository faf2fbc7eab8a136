import { loginFact } from '../../domain/audit/facts.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { AuditLog } from '../../ports/storage/audit-log.ts';
import { makeRation } from './ration.ts';
import { storeAlone } from './store-alone.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;
const MAX_PER_HOUR = 60;

/** Tells the audit log who came in by a token, or tried to. Never waits, never throws. */
export type RecordLogin = (address: string, accepted: boolean) => void;

/** The first use of a token from an address in a day, and the first wrong one of a burst, which ends with its hour. */
export const makeRecordLogin = ({
  audit,
  clock,
  events,
}: {
  readonly audit: Pick<AuditLog, 'add'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly events: Events;
}): RecordLogin => {
  // Apart: guesses must not use up what tells of those who know the token.
  const rations = {
    accepted: makeRation({ eachMs: DAY_MS, perHour: MAX_PER_HOUR }),
    refused: makeRation({ eachMs: HOUR_MS, perHour: MAX_PER_HOUR }),
  };
  return (address, accepted) => {
    const outcome = accepted ? 'accepted' : 'refused';
    const ration = rations[outcome];
    const at = clock.now();
    if (!ration.isDue(address, at)) return ration.skipped();
    const fact = loginFact('http', { outcome, address, notTold: accepted ? 0 : ration.notTold() }, at);
    ration.told(address, at);
    storeAlone({ audit, events }, fact);
  };
};
