import { actedFacts } from '../../domain/audit/facts.ts';
import type { Journal, JournalEntries } from '../../ports/storage/journal.ts';
import type { Stores, UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { approvedSteps, endApprovalsIn } from './end-approvals.ts';

/**
 * Stores steps of a run, what their tools did in the audit log, and the end of their approvals, in a unit of work.
 * Rejects as `Journal.append`.
 */
export const appendSteps = async (stores: Pick<Stores, 'journal' | 'audit' | 'approvals'>, entries: JournalEntries): Promise<void> => {
  await stores.journal.append(entries);
  const acted = actedFacts(entries.run, entries.steps, entries.from);
  if (acted.length > 0) await stores.audit.add(acted);
  await endApprovalsIn(stores, entries.steps);
};

/** A journal whose steps are stored together with what their tools did; steps that only read take no unit of work. */
export const auditedJournal = (journal: Journal, unitOfWork: UnitOfWork): Journal => ({
  ...journal,
  append: (entries) =>
    actedFacts(entries.run, entries.steps, entries.from).length > 0 || approvedSteps(entries.steps).size > 0
      ? unitOfWork.run((stores) => appendSteps(stores, entries))
      : journal.append(entries),
});
