import type { AuditFact } from '../../domain/audit/audit.ts';
import { spentFacts } from '../../domain/audit/facts.ts';
import type { LedgerEntry } from '../../domain/budget/ledger.ts';
import { addUsage, isPaid, NO_USAGE, type Turn, type Usage, withoutUsage } from '../../domain/conversation/turn.ts';
import type { PromiseId } from '../../domain/promise/promise.ts';
import { present } from '../../domain/shared/present.ts';
import type { Spending } from '../../ports/spending.ts';
import type { Ledger } from '../../ports/storage/ledger.ts';

/** What was paid for, and where it belongs. */
export interface Spent {
  /** What is recorded of its usage. */
  readonly usage: Usage;
  /** What stored steps say was paid for. */
  readonly recorded?: readonly LedgerEntry[];
  /** What this process has paid for. */
  readonly spending?: Spending | undefined;
  /** The record of the usage, to which the entries belong. */
  readonly turn: Pick<Turn, 'id' | 'chatId' | 'agent' | 'endedAt' | 'model' | 'outcome'>;
  readonly promiseId?: PromiseId | undefined;
}

/**
 * Stores what a run has paid for, inside the unit of work that records its usage, and releases what was reserved for
 * it. Usage that no entry tells of gets an entry of its own, without a price. `settled` is to be called once the unit
 * is stored; `facts` are for the audit log, in that unit.
 */
export const storeSpent = async (
  ledger: Pick<Ledger, 'add' | 'release'>,
  { usage, recorded = [], spending, turn, promiseId }: Spent,
): Promise<{ readonly settled: () => void; readonly facts: readonly AuditFact[] }> => {
  const ids = spending?.unsettled() ?? [];
  const known = [...new Map([...recorded, ...(spending?.entries() ?? [])].map((entry) => [entry.id, entry])).values()];
  const untold = withoutUsage(usage, known.map((entry) => entry.usage).reduce(addUsage, NO_USAGE));
  const where = present({ promiseId, turnId: turn.outcome === 'attempt' ? undefined : turn.id });
  const entries = [...known.map((entry) => ({ ...entry, ...where })), ...(isPaid(untold) ? [{ ...restOf(turn, untold), ...where }] : [])];
  if (entries.length > 0) await ledger.add(entries);
  if (ids.length > 0) await ledger.release(ids);
  return { settled: () => spending?.settled(ids), facts: spentFacts(turn, entries) };
};

/** Whether anything was paid for that is to be stored, or is reserved. */
export const owes = (spending: Spending | undefined): boolean =>
  spending !== undefined && spending.entries().length + spending.unsettled().length > 0;

const restOf = ({ id, chatId, agent, endedAt, model = 'unknown' }: Spent['turn'], usage: Usage): LedgerEntry => ({
  id: `rest-${id}`,
  at: endedAt,
  on: 'model',
  name: model,
  chatId,
  agent,
  usage,
});
