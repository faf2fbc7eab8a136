import { strict as assert } from 'node:assert';
import { type AgentPromise, isSettled, localChatId } from '../../src/domain/index.ts';
import { RENEWAL_ANSWER_MS } from '../../src/domain/promise/lease-table.ts';
import type { Storage, TranscriptMessage } from '../../src/ports/index.ts';
import type { Run } from './promise-crew.ts';
import { CHATS, type Plan } from './promise-tasks.ts';

/** Whether all there is to do is done: promises settled, outcomes delivered. */
export const isQuiet = async ({ stores }: Storage): Promise<boolean> => {
  const { waiting, pending, in_progress } = await stores.promises.stats();
  return waiting + pending + in_progress === 0 && (await stores.outbox.stats()).pending === 0;
};

const transcriptOf = async ({ transcript }: Storage): Promise<readonly TranscriptMessage[]> => {
  const all: TranscriptMessage[] = [];
  for (let chat = 1; chat <= CHATS; chat++)
    for (let after = 0; ; ) {
      const page = await transcript.list(localChatId(chat), after, 500);
      all.push(...page);
      const last = page.at(-1);
      if (!last) break;
      after = last.sequence;
    }
  return all;
};

const WORDS = { completed: 'is kept', failed: 'failed', cancelled: 'is cancelled' };

/** Invariant 3, after whatever has happened. Resolves to what there is to tell of it. */
export const checkPromises = async (storage: Storage, plans: readonly Plan[], runs: readonly Run[]) => {
  const promises = await storage.stores.promises.find({ limit: plans.length + 1 });
  const byKey = new Map(promises.map((promise) => [promise.idempotencyKey, promise]));
  assert.equal(promises.length, plans.length, 'each promise was made once');
  const said = await transcriptOf(storage);
  const runsOf = Map.groupBy(runs, ({ id }) => id);
  checkLeases(runs);

  for (const { key, fate } of plans) {
    const promise = byKey.get(key);
    assert.ok(promise, `${key} was made`);
    const { id, chatId, status } = promise;
    assert.equal(status, fate, `#${id} (${promise.description}): ${JSON.stringify(promise)}`);
    assert.ok(isSettled(promise) && promise.deliveredAt !== undefined, `#${id} is delivered`);
    const outcomes = said.filter(({ text }) => text.startsWith(`Promise #${id} `));
    assert.deepEqual(
      outcomes.map((each) => each.chatId),
      [chatId],
      `one outcome of #${id}, in its chat`,
    );
    assert.ok(outcomes[0]?.text.startsWith(`Promise #${id} ${WORDS[promise.status]}`), `#${id}: ${outcomes[0]?.text}`);
    checkRuns(promise, runsOf.get(id) ?? []);
  }
  assert.equal(said.length, plans.length, 'nothing else was said');
  assert.equal((await storage.stores.outbox.stats()).failed, 0, 'no outcome was given up');

  const overruns = [...runsOf.values()].flatMap(overrunsOf);
  const overrunMs = Math.max(0, ...overruns.map(({ forMs }) => forMs));
  checkOverruns(overruns);

  return {
    runs: runs.length,
    /** Promises that were taken up again from a worker that was lost. */
    takenUp: promises.filter(({ lostLeases }) => lostLeases > 0).length,
    /** Promises that had had their effect when their worker was lost. */
    repeated: [...runsOf.values()].filter((its) => its.filter(({ hasEffect }) => hasEffect).length > 1).length,
    /** The longest that a run went on after its lease had run out, and the next one had begun. */
    overrunMs,
  };
};

/** A process that is as busy as others may hear late that a lease has lapsed. */
const OVERRUN_MS = 1_000;
/** A worker that was held up for longer has renewed nothing meanwhile, and may not have aborted either. */
const HELD_UP_MS = 100;

/**
 * A worker that was held up past the end of a lease, by other processes or by a locked database, can't know that it has
 * lost it. When it goes on, it asks the storage first, and gives it some time to answer.
 */
const mayOverrun = ({ heldUpMs }: Run): number => OVERRUN_MS + (heldUpMs > HELD_UP_MS ? heldUpMs + RENEWAL_ANSWER_MS : 0);

/** A worker that is not held up is heard of this often. */
const HEARD_MS = 400;

const checkRuns = (promise: AgentPromise, its: readonly Run[]): void => {
  const { id, status, attempts, failures, lostLeases } = promise;
  const what = `#${id} (${JSON.stringify({ status, attempts, failures, lostLeases, its })})`;
  assert.equal(
    its.some(({ hasEffect }) => hasEffect),
    status === 'completed',
    `an effect where it was kept, and nowhere else: ${what}`,
  );
  // A claim whose worker died before it began is an attempt without a run.
  assert.ok(its.length <= attempts, `no run without an attempt: ${what}`);
  if (status === 'completed') assert.equal(attempts, 1 + failures + lostLeases, `each attempt is accounted for: ${what}`);
};

/** No promise was ever run by two workers that both held it. */
export const checkLeases = (runs: readonly Run[]): void => {
  for (const [id, its] of Map.groupBy(runs, (run) => run.id)) {
    const inOrder = its.toSorted((a, b) => a.attempt - b.attempt);
    for (const [at, run] of inOrder.entries()) {
      const before = inOrder[at - 1];
      if (before && !mayFollow(before, run)) assert.fail(`#${id} was run again while it was held: ${JSON.stringify([before, run])}`);
    }
  }
};

/** A run follows one that failed, whose worker was killed, or whose lease had run out. */
const mayFollow = (before: Run, run: Run): boolean => {
  const { ended, worker, leasedUntil } = before;
  const failedAt = ended?.how === 'failed' ? ended.at : Number.POSITIVE_INFINITY;
  return run.attempt > before.attempt && run.startedAt >= Math.min(failedAt, worker.killedAt ?? Number.POSITIVE_INFINITY, leasedUntil);
};

/** No run went on beside the next one for longer than its worker can be blamed for. */
export const checkOverruns = (overruns: readonly Overrun[]): void => {
  for (const { forMs, run } of overruns)
    assert.ok(forMs <= mayOverrun(run), `a run went on for ${forMs} ms beside the next one: ${JSON.stringify(run)}`);
};

interface Overrun {
  readonly forMs: number;
  readonly run: Run;
}

/** For how long runs went on beside the next ones: their leases had run out, and they did not know it yet. */
export const overrunsOf = (its: readonly Run[]): readonly Overrun[] => {
  // What two busy workers tell may arrive in another order than it happened.
  const inOrder = its.toSorted((a, b) => a.attempt - b.attempt);
  return inOrder.slice(1).map((run, at) => {
    const before = inOrder[at] as Run;
    const { ended, worker } = before;
    // One that was killed while it was held up did nothing since it was heard of.
    const lastAt = worker.killedAt === undefined ? Number.POSITIVE_INFINITY : Math.min(worker.killedAt, (worker.heardAt ?? 0) + HEARD_MS);
    return { forMs: Math.min(ended?.at ?? Number.POSITIVE_INFINITY, lastAt) - run.startedAt, run: before };
  });
};
