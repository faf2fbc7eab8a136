import type { StoredRun } from '../../domain/agent/run.ts';
import { spentIn, unknownActsNote, usageOf } from '../../domain/agent/run-step.ts';
import type { LedgerEntry } from '../../domain/budget/ledger.ts';
import { addUsage, attemptOf, isPaid, turnId, type Usage, withoutUsage } from '../../domain/conversation/turn.ts';
import type { PromiseId } from '../../domain/promise/promise.ts';
import type { PromiseCommand } from '../../domain/promise/transition.ts';
import { isPortError } from '../../ports/port-error.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { RunRecord } from '../../ports/run-journal.ts';
import type { Journal } from '../../ports/storage/journal.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import { appendSteps } from '../audit/append-steps.ts';
import { storeSpent } from '../budgets/store-spent.ts';

/** The most runs of one promise that can be open: one, but for what an earlier version has left. */
const MAX_OPEN = 20;

/** Stores the last steps of a run, inside a unit of work. Rejects like `Journal.append`. */
export const storeRest = async (stores: Pick<Stores, 'journal' | 'audit' | 'approvals'>, run: RunRecord): Promise<void> => {
  const rest = run.rest();
  if (rest.steps.length > 0 || rest.from === 0) await appendSteps(stores, rest);
};

/** Whether an append was refused for good: another process goes on with the run, or it has ended. */
export const isOutdatedRun = (error: unknown): boolean => isPortError(error) && error.code === 'concurrency' && !error.retryable;

/**
 * The usage of a run that is to be recorded now, inside a unit of work: that of every stored reply that nobody has
 * recorded, whichever process it came to, and what this process has `paid` beyond the `stored` steps. A reply counts
 * once, whoever asks. `recorded`: what those stored steps say was paid for.
 */
export const uncounted = async (
  journal: Pick<Journal, 'countUsage'>,
  run: RunRecord,
  paid: Usage,
  stored = run.steps().length,
): Promise<{ readonly usage: Usage; readonly recorded: readonly LedgerEntry[] }> => {
  const before = stored === 0 ? 0 : await journal.countUsage(run.run.id, stored);
  const steps = run.steps().slice(before, Math.max(before, stored));
  return { usage: addUsage(usageOf(steps), paidBeside(run, paid, stored)), recorded: spentIn(steps) };
};

/**
 * What this process has paid for a run beside its first `stored` steps, which whoever ends the run counts: further
 * replies, and calls that failed.
 */
export const paidBeside = (run: RunRecord, paid: Usage, stored = run.steps().length): Usage =>
  withoutUsage(paid, usageOf(run.steps().slice(run.recorded, stored)));

/**
 * Ends runs that no process ends by itself any more, inside a unit of work, and records what their replies used. After
 * that nothing of them may be done: their next step is refused.
 */
export const endRuns = async (
  { journal, turns, ledger, audit }: Pick<Stores, 'journal' | 'turns' | 'ledger' | 'audit'>,
  runs: readonly StoredRun[],
  at: number,
  { randomness, agent }: { readonly randomness: Pick<Randomness, 'id'>; readonly agent?: string },
): Promise<void> => {
  for (const run of runs) {
    const { id, chatId, steps, startedAt } = run;
    const left = steps.slice(await journal.countUsage(id, steps.length));
    const usage = usageOf(left);
    const told = { id: turnId(randomness.id()), chatId, agent: agent ?? run.agent, startedAt, endedAt: at, usage };
    if (isPaid(usage)) await turns.add(attemptOf(told));
    const { facts } = await storeSpent(ledger, { usage, recorded: spentIn(left), turn: attemptOf(told), promiseId: run.promiseId });
    if (facts.length > 0) await audit.add(facts);
    await journal.end(id, at);
  }
};

/** The open runs of these promises, by promise. The promises are locked first, as where an attempt ends. */
export const openRunsOf = async (
  { promises, journal }: Pick<Stores, 'promises' | 'journal'>,
  ids: readonly PromiseId[],
): Promise<ReadonlyMap<PromiseId, readonly StoredRun[]>> => {
  if (ids.length === 0) return new Map();
  await promises.update(ids, () => undefined);
  const openOf = async (id: PromiseId) => (await journal.ofPromise(id, MAX_OPEN)).filter(({ endedAt }) => endedAt === undefined);
  // Queried together: that saves round trips to a remote database.
  return new Map(await Promise.all(ids.map(async (id) => [id, await openOf(id)] as const)));
};

/** The command, with what people must be told of calls in these runs whose outcome is not known. */
export const tellingUnknownActs = (command: PromiseCommand, runs: readonly StoredRun[]): PromiseCommand => {
  const note = unknownActsNote(runs.flatMap(({ steps }) => steps));
  if (note === '') return command;
  switch (command.type) {
    case 'cancel':
      return { ...command, reason: `${command.reason} ${note}`.trim() };
    case 'expire':
      return { ...command, note };
    case 'fail':
      return { ...command, error: { ...command.error, message: `${command.error.message} ${note}` } };
    default:
      return command;
  }
};
