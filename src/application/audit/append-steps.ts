import { actedFacts } from '../../domain/audit/facts.ts';
import type { Journal, JournalEntries } from '../../ports/storage/journal.ts';
import type { Stores, UnitOfWork } from '../../ports/storage/unit-of-work.ts';

/** Stores steps of a run, and what their tools did in the audit log, in a unit of work. Rejects as `Journal.append`. */
export const appendSteps = async ({ journal, audit }: Pick<Stores, 'journal' | 'audit'>, entries: JournalEntries): Promise<void> => {
  await journal.append(entries);
  const acted = actedFacts(entries.run, entries.steps);
  if (acted.length > 0) await audit.add(acted);
};

/** A journal whose steps are stored together with what their tools did; steps that only read take no unit of work. */
export const auditedJournal = (journal: Journal, unitOfWork: UnitOfWork): Journal => ({
  ...journal,
  append: (entries) =>
    actedFacts(entries.run, entries.steps).length > 0 ? unitOfWork.run((stores) => appendSteps(stores, entries)) : journal.append(entries),
});
