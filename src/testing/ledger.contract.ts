import { strict as assert } from 'node:assert';
import {
  type LedgerEntry,
  type MicroUsd,
  NO_USAGE,
  type PromiseId,
  type Reservation,
  type SpendingLimit,
  turnId,
  type UsageRow,
} from '../domain/index.ts';
import type { Ledger, Storage } from '../ports/index.ts';
import { promiseAfter, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { telegramChat, telegramUser } from './ids.ts';
import { build, complete, start } from './promise-states.ts';
import { wider } from './wider.ts';

const DAY_MS = 86_400_000;
const MIDNIGHT = START - (START % DAY_MS) + DAY_MS;
const chat = telegramChat(501);
const other = telegramChat(-1001234567890);
const [ada, grace] = [telegramUser(501), telegramUser(502)];
const micro = (amount: number): MicroUsd => amount as MicroUsd;

const entry = (id: string, given: Partial<LedgerEntry> = {}): LedgerEntry => ({
  id,
  at: START,
  on: 'model',
  name: 'scripted/one',
  chatId: chat,
  agent: 'telegram_chat_agent',
  usage: { inputTokens: 10, outputTokens: 5, cacheReadTokens: 3, cacheWriteTokens: 2 },
  cost: micro(100),
  ...given,
});
const held = (id: string, given: Partial<Reservation> = {}): Reservation => ({
  id,
  at: START,
  name: 'scripted/one',
  chatId: chat,
  cost: micro(100),
  expiresAt: START + 60_000,
  ...given,
});
const limit = (amount: number, given: Partial<SpendingLimit> = {}): SpendingLimit => ({
  owner: { of: 'installation' },
  since: MIDNIGHT - DAY_MS,
  until: MIDNIGHT,
  amount: micro(amount),
  ...given,
});
const ofPsy = (amount: number) => limit(amount, { owner: { of: 'workspace', workspace: 'psy' } });
const costOf = async (ledger: Ledger): Promise<number> => (await ledger.total({})).cost;
const keys = (rows: readonly UsageRow[]) => rows.map(({ key, cost, calls }) => `${key}: ${cost} in ${calls}`);

const storing: Contract<Storage> = {
  'counts each entry once, however often it is stored': async ({ stores: { ledger } }) => {
    await ledger.add([]);
    await ledger.add([entry('a'), entry('b', { cost: micro(7) })].map(wider));
    await ledger.add([entry('b', { cost: micro(9_999) }), entry('c'), entry('c')]);
    const { cost, calls, unpriced, ...usage } = await ledger.total({});
    assert.deepEqual({ cost, calls, unpriced }, { cost: 207, calls: 3, unpriced: 0 });
    assert.deepEqual(usage, { inputTokens: 30, outputTokens: 15, cacheReadTokens: 9, cacheWriteTokens: 6 });
  },

  'takes the promise, or the turn, that a stored entry lacked, and no other one': async ({ stores: { ledger } }) => {
    await ledger.add([entry('a')]);
    await ledger.add([entry('a', { promiseId: 7 as PromiseId, turnId: turnId('t1') })]);
    await ledger.add([entry('a', { promiseId: 8 as PromiseId })]);
    assert.equal((await ledger.ofPromise(7 as PromiseId)).cost, 100);
    assert.equal((await ledger.ofPromise(8 as PromiseId)).calls, 0);
    assert.equal((await ledger.ofTurn(turnId('t1'))).cost, 100);
    assert.equal((await ledger.ofTurn(turnId('t9'))).calls, 0);
  },

  'counts an entry once that one call brings twice, with all that is known of it': async ({ stores: { ledger } }) => {
    await ledger.add([entry('a'), entry('b'), entry('a', { cost: micro(9_999), promiseId: 7 as PromiseId, turnId: turnId('t1') })]);
    assert.equal(await costOf(ledger), 200);
    assert.equal((await ledger.ofPromise(7 as PromiseId)).cost, 100);
    assert.equal((await ledger.ofTurn(turnId('t1'))).cost, 100);
  },

  'tells apart what has no price': async ({ stores: { ledger } }) => {
    const { cost: _, ...unpriced } = entry('a');
    await ledger.add([unpriced, entry('b', { cost: micro(0) }), entry('c', { estimated: true })]);
    const { cost, calls, unpriced: without } = await ledger.total({});
    assert.deepEqual({ cost, calls, without }, { cost: 100, calls: 3, without: 1 });
  },

  'leaves nothing of a unit that fails': async ({ stores: { ledger }, unitOfWork }) => {
    const failing = unitOfWork.run(async (stores) => {
      await stores.ledger.add([entry('a')]);
      await stores.ledger.reserve(held('r'), [], START);
      throw new Error('undone');
    });
    await assert.rejects(failing, /undone/);
    assert.equal(await costOf(ledger), 0);
    assert.equal(await ledger.reserved(START), 0);
  },

  'groups by workspace, person, agent, tool and day, the dearest first': async ({ stores: { ledger } }) => {
    await ledger.add([
      entry('a', { workspace: 'psy', person: ada, cost: micro(5) }),
      entry('b', { workspace: 'psy', person: grace, name: 'scripted/two', cost: micro(50), at: MIDNIGHT - 1 }),
      entry('c', {
        chatId: other,
        person: ada,
        on: 'tool',
        name: 'perplexity/search',
        agent: 'valor_agent',
        usage: NO_USAGE,
        at: MIDNIGHT,
      }),
    ]);
    const by = async (group: Parameters<Ledger['usage']>[0]['by'], more: Partial<Parameters<Ledger['usage']>[0]> = {}) =>
      keys(await ledger.usage({ by: group, limit: 10, ...more }));
    assert.deepEqual(await by('workspace'), [': 100 in 1', 'psy: 55 in 2']);
    assert.deepEqual(await by('person'), [`${ada}: 105 in 2`, `${grace}: 50 in 1`]);
    assert.deepEqual(await by('agent'), ['valor_agent: 100 in 1', 'telegram_chat_agent: 55 in 2']);
    assert.deepEqual(await by('tool'), ['perplexity/search: 100 in 1', 'scripted/two: 50 in 1', 'scripted/one: 5 in 1']);
    const day = (at: number) => new Date(at).toISOString().slice(0, 10);
    assert.deepEqual(await by('day'), [`${day(MIDNIGHT)}: 100 in 1`, `${day(MIDNIGHT - 1)}: 55 in 2`]);
    assert.deepEqual(await by('day', { limit: 1 }), [`${day(MIDNIGHT)}: 100 in 1`]);
    assert.deepEqual(await by('person', { chatId: chat }), [`${grace}: 50 in 1`, `${ada}: 5 in 1`]);
    assert.deepEqual(await by('person', { since: MIDNIGHT }), [`${ada}: 100 in 1`]);
    assert.equal((await ledger.total({ since: MIDNIGHT - 1, chatId: chat })).cost, 50);
  },

  'adds up what began within a span of time, by steps that begin at their multiples': async ({ stores: { ledger } }) => {
    const HOUR = 3_600_000;
    const { cost: _, ...unpriced } = entry('e', { at: MIDNIGHT + 2 * HOUR });
    await ledger.add([
      entry('a', { at: MIDNIGHT - 1, cost: micro(1) }),
      entry('b', { at: MIDNIGHT, cost: micro(10) }),
      entry('c', { at: MIDNIGHT + HOUR - 1, cost: micro(20) }),
      entry('d', { at: MIDNIGHT + 2 * HOUR, cost: micro(40) }),
      unpriced,
      entry('f', { at: MIDNIGHT + 3 * HOUR, cost: micro(80) }),
    ]);
    const over = (since: number, until: number, stepMs = HOUR) => ledger.spendingOver({ since, until, stepMs });
    assert.deepEqual(await over(MIDNIGHT, MIDNIGHT + 3 * HOUR), [
      { at: MIDNIGHT, cost: 30, calls: 2 },
      { at: MIDNIGHT + 2 * HOUR, cost: 40, calls: 2 },
    ]);
    assert.deepEqual(await over(MIDNIGHT - 1, MIDNIGHT + 4 * HOUR, DAY_MS), [
      { at: MIDNIGHT - DAY_MS, cost: 1, calls: 1 },
      { at: MIDNIGHT, cost: 150, calls: 5 },
    ]);
    assert.deepEqual(await over(MIDNIGHT + DAY_MS, MIDNIGHT + 2 * DAY_MS), []);
  },

  'knows what like promises have cost: those that completed, each of whose calls has a price': async ({ stores }) => {
    const { ledger, promises } = stores;
    await promises.add([promiseAfter(build(1), start, complete), build(2), promiseAfter(build(3), start, complete)]);
    const of = (id: string, promise: number, cost: number) =>
      entry(id, { promiseId: promise as PromiseId, agent: 'valor_agent', cost: micro(cost) });
    const { cost: _, ...unpriced } = of('f', 4, 0);
    // The promise with the number 5 was purged.
    await ledger.add([of('a', 1, 30), of('b', 1, 12), of('c', 2, 1), of('d', 3, 7), of('e', 4, 1), unpriced, of('g', 5, 20)]);
    await ledger.add([entry('h', { promiseId: 6 as PromiseId })]);
    assert.deepEqual(await ledger.costsOfPromises({ agent: 'valor_agent', limit: 10 }), [7, 20, 42]);
    assert.deepEqual(await ledger.costsOfPromises({ agent: 'nobody', limit: 10 }), []);
    assert.equal((await ledger.ofPromise(1 as PromiseId)).cost, 42);
  },

  'deletes what is old, a bounded number at a time': async ({ stores: { ledger } }) => {
    await ledger.add([entry('a', { at: START - 3 }), entry('b', { at: START - 2 }), entry('c', { at: START - 1 }), entry('d')]);
    assert.equal(await ledger.purge({ before: START, limit: 2 }), 2);
    assert.equal((await ledger.total({})).calls, 2);
    assert.equal(await ledger.purge({ before: START, limit: 2 }), 1);
    assert.equal(await ledger.purge({ before: START, limit: 2 }), 0);
    assert.equal((await ledger.total({})).calls, 1);
  },
};

const reserving: Contract<Storage> = {
  'reserves what fits, to the last millionth, together with what is spent and reserved': async ({ stores: { ledger } }) => {
    await ledger.add([entry('spent', { cost: micro(150) })]);
    assert.deepEqual(await ledger.reserve(wider(held('a')), [limit(350)], START), {
      admitted: true,
      uses: [{ spent: 150, reserved: 0 }],
      lapsed: 0,
    });
    assert.deepEqual(await ledger.reserve(held('b', { cost: micro(101) }), [limit(350)], START), {
      admitted: false,
      uses: [{ spent: 150, reserved: 100 }],
      lapsed: 0,
    });
    assert.equal((await ledger.reserve(held('c'), [limit(350)], START)).admitted, true);
    assert.equal(await ledger.reserved(START), 200);
    assert.deepEqual(await ledger.uses([limit(350), ofPsy(1)], START), [
      { spent: 150, reserved: 200 },
      { spent: 0, reserved: 0 },
    ]);
  },

  'reserves nothing where one of several limits would be passed': async ({ stores: { ledger } }) => {
    const limits = [limit(1_000), ofPsy(150), limit(1_000, { owner: { of: 'person', person: ada } })];
    const mine = { workspace: 'psy', person: ada };
    assert.equal((await ledger.reserve(held('a', mine), limits, START)).admitted, true);
    const { admitted, uses } = await ledger.reserve(held('b', mine), limits, START);
    assert.equal(admitted, false);
    assert.deepEqual(
      uses.map(({ reserved }) => reserved),
      [100, 100, 100],
    );
    const elsewhere = await ledger.reserve(held('c', { workspace: 'web', person: grace }), [limit(1_000)], START);
    assert.deepEqual(elsewhere, { admitted: true, uses: [{ spent: 0, reserved: 100 }], lapsed: 0 });
    assert.equal(await ledger.reserved(START), 200);
  },

  'counts by owner, and within its span of time alone': async ({ stores: { ledger } }) => {
    const promised = { promiseId: 3 as PromiseId };
    await ledger.add([
      entry('a', { at: MIDNIGHT - 1, cost: micro(1) }),
      entry('b', { at: MIDNIGHT, cost: micro(10), workspace: 'psy', person: ada }),
      entry('c', { at: MIDNIGHT + DAY_MS, cost: micro(100), workspace: 'psy' }),
      entry('d', { at: MIDNIGHT, cost: micro(1_000), ...promised }),
    ]);
    await ledger.reserve(held('r', { at: MIDNIGHT - 1, workspace: 'psy', cost: micro(5) }), [], START);
    const day = { since: MIDNIGHT, until: MIDNIGHT + DAY_MS, amount: micro(1) };
    const uses = await ledger.uses(
      [
        { ...day, owner: { of: 'installation' } },
        { ...day, owner: { of: 'workspace', workspace: 'psy' } },
        { ...day, owner: { of: 'person', person: ada } },
        { ...day, owner: { of: 'promise', ...promised } },
        { ...day, since: MIDNIGHT - 1, owner: { of: 'workspace', workspace: 'psy' } },
      ],
      START,
    );
    assert.deepEqual(
      uses.map(({ spent, reserved }) => [spent, reserved]),
      [
        [1_010, 0],
        [10, 0],
        [10, 0],
        [1_000, 0],
        [10, 5],
      ],
    );
  },

  'replaces a reservation of the same id, which does not count beside itself': async ({ stores: { ledger } }) => {
    await ledger.reserve(held('a'), [limit(150)], START);
    const again = await ledger.reserve(held('a', { cost: micro(150) }), [limit(150)], START);
    assert.deepEqual(again, { admitted: true, uses: [{ spent: 0, reserved: 0 }], lapsed: 0 });
    assert.equal(await ledger.reserved(START), 150);
  },

  'gives back what a dead process had reserved, once its lease has lapsed': async ({ stores: { ledger } }) => {
    await ledger.reserve(held('a'), [limit(100)], START);
    await ledger.reserve(held('b', { cost: micro(0) }), [limit(100)], START);
    assert.equal((await ledger.reserve(held('c'), [limit(100)], START + 59_999)).admitted, false);
    assert.equal(await ledger.reserved(START + 60_000), 0);
    const { admitted, lapsed } = await ledger.reserve(held('c', { expiresAt: START + 120_000 }), [limit(100)], START + 60_000);
    assert.deepEqual({ admitted, lapsed }, { admitted: true, lapsed: 2 });
    await ledger.renew(['a', 'b'], START + 120_000);
    assert.equal(await ledger.reserved(START + 60_000), 100);
  },

  'holds what is renewed, and gives back what is released': async ({ stores: { ledger } }) => {
    for (const id of ['a', 'b', 'c']) await ledger.reserve(held(id), [], START);
    await ledger.renew([], START + 100_000);
    await ledger.renew(['a', 'b', 'gone'], START + 100_000);
    assert.equal(await ledger.reserved(START + 99_999), 200);
    await ledger.release(['a', 'b', 'b', 'gone']);
    await ledger.release([]);
    assert.equal(await ledger.reserved(START), 100);
  },

  'lets no two reserve the same money, and settles without a moment in which it counts nowhere': async ({ stores, unitOfWork }) => {
    const { ledger } = stores;
    const mine = { workspace: 'psy', person: ada };
    const tries = Array.from({ length: 40 }, async (_, n) => {
      const id = `run-${n}`;
      const { admitted } = await ledger.reserve(held(id, mine), [ofPsy(1_500), limit(1_000)], START);
      if (!admitted) return false;
      await unitOfWork.run(async (unit) => {
        await unit.ledger.add([entry(id, { ...mine, cost: micro(100) })]);
        await unit.ledger.release([id]);
      });
      return true;
    });
    const admitted = (await Promise.all(tries)).filter(Boolean);
    assert.equal(admitted.length, 10);
    assert.equal(await costOf(ledger), 1_000);
    assert.equal(await ledger.reserved(START), 0);
  },
};

/** The law of `Ledger`. */
export const ledgerContract: Contract<Storage> = { ...storing, ...reserving };
