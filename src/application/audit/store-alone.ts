import type { AuditFact } from '../../domain/audit/audit.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { AuditLog } from '../../ports/storage/audit-log.ts';

/**
 * Stores a fact that no unit of work stores. Never waits, never throws: an event tells where it could not be stored.
 */
export const storeAlone = (
  { audit, events }: { readonly audit: Pick<AuditLog, 'add'>; readonly events: Events },
  fact: AuditFact,
): void => {
  audit.add([fact]).catch((error: unknown) => events.emit({ type: 'audit-not-stored', kind: fact.kind, reason: reasonOf(error) }));
};
