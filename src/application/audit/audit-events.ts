import type { AuditFact } from '../../domain/audit/audit.ts';
import { approvalRefusedFact, budgetStoppedFact, legRemovedFact, toolRightDeniedFact } from '../../domain/audit/facts.ts';
import type { KeptEvent } from '../../domain/events/event.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { AuditLog } from '../../ports/storage/audit-log.ts';
import { makeRation } from './ration.ts';
import { storeAlone } from './store-alone.ts';

/** A model may try the same thing again and again. */
const EACH_MS = 60_000;
const MAX_PER_HOUR = 600;

/**
 * Adds to the audit log what was stopped or refused where nothing else is stored with which it could commit: while a
 * run is under way, at a tap. Returns a listener of events, which never waits.
 */
export const makeAuditEvents = ({
  audit,
  clock,
  events,
}: {
  readonly audit: Pick<AuditLog, 'add'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Is told of facts that could not be stored. */
  readonly events: Events;
}): ((event: KeptEvent) => void) => {
  const ration = makeRation({ eachMs: EACH_MS, perHour: MAX_PER_HOUR });
  return (event) => {
    const at = clock.now();
    const fact = factOf(event, at);
    if (!fact) return;
    const key = JSON.stringify([fact.kind, fact.actor, repeatedIn(event, fact)]);
    if (!ration.isDue(key, at)) return ration.skipped();
    const notTold = ration.notTold();
    ration.told(key, at);
    const told = notTold > 0 ? { ...fact, facts: { ...fact.facts, notTold } } : fact;
    storeAlone({ audit, events }, told);
  };
};

/** What is the same each time that somebody tries again: of taps, not on which approval. */
const repeatedIn = (event: KeptEvent, { facts }: AuditFact): AuditFact['facts'] =>
  event.type === 'approval-refused' ? { reason: event.reason } : facts;

const factOf = (event: KeptEvent, at: number): AuditFact | undefined => {
  switch (event.type) {
    case 'approval-refused':
      return approvalRefusedFact(event, at);
    case 'budget-stopped':
      return budgetStoppedFact(event, at);
    case 'leg-removed':
      return legRemovedFact(event, at);
    case 'right-denied':
      // A command's denial stands in the commit of its turn.
      return event.door === 'tool' ? toolRightDeniedFact(event, at) : undefined;
    default:
      return undefined;
  }
};
