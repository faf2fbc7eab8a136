import { strict as assert } from 'node:assert';
import { makePairing, type Pairing } from '../domain/index.ts';
import type { Storage } from '../ports/index.ts';
import { START } from './builders.ts';
import type { Contract } from './contract.ts';
import { telegramChat, telegramUser } from './ids.ts';

const DAY = 24 * 60 * 60 * 1000;
const asked = (id: number, overrides: Partial<Pairing> = {}): Pairing => ({
  ...makePairing({ id: telegramUser(id), kind: 'person', username: `u${id}` }, telegramChat(id), { code: `CODE${id}`, at: START }),
  ...overrides,
});
const limits = { since: START - DAY, maxOpen: 3 };
const decided =
  (status: Pairing['status']) =>
  (pairing: Pairing): Pairing => ({
    ...pairing,
    status,
    decidedAt: START + 5,
    decidedBy: 'operator',
    code: 'OTHER',
  });
const idsOf = (found: readonly Pairing[]) => found.map(({ userId }) => userId);

/** The law of `PairingStore`. */
export const pairingStoreContract: Contract<Storage> = {
  'stores who asks once, and gives them back by person and by code': async ({ stores: { pairings } }) => {
    const first = asked(7, { displayName: 'Eve' });
    assert.equal(await pairings.offer(first, limits), true);
    assert.equal(await pairings.offer(asked(7, { code: 'AGAIN', askedAt: START + 1 }), { ...limits, since: START + 1 - DAY }), false);
    assert.deepEqual(await pairings.get(telegramUser(7)), first);
    assert.deepEqual(await pairings.byCode('CODE7'), first);
    assert.equal(await pairings.byCode('AGAIN'), undefined);
    assert.equal(await pairings.get(telegramUser(8)), undefined);
  },

  'stores no more than may be open, also where they come side by side': async ({ stores: { pairings }, unitOfWork }) => {
    const offered = await Promise.all(
      Array.from({ length: 8 }, (_, at) => unitOfWork.run((unit) => unit.pairings.offer(asked(at + 1), limits))),
    );
    assert.equal(offered.filter((each) => each).length, 3);
    assert.equal((await pairings.list({ limit: 10 })).length, 3);
  },

  'forgets who asked too long ago, and nobody who was decided upon': async ({ stores: { pairings } }) => {
    for (const id of [1, 2, 3]) await pairings.offer(asked(id), limits);
    await pairings.update(telegramUser(2), decided('paired'));
    await pairings.update(telegramUser(3), decided('revoked'));
    const later = { since: START, maxOpen: 3 };
    assert.equal(await pairings.offer(asked(1, { code: 'NEW1', askedAt: START + DAY }), later), true);
    assert.equal((await pairings.get(telegramUser(1)))?.code, 'NEW1');
    for (const id of [2, 3]) assert.equal(await pairings.offer(asked(id, { code: `NEW${id}`, askedAt: START + DAY }), later), false);
  },

  'stores what was decided, and nothing else of a change': async ({ stores: { pairings } }) => {
    await pairings.offer(asked(7), limits);
    const expected = { ...asked(7), status: 'paired' as const, decidedAt: START + 5, decidedBy: 'operator' as const };
    assert.deepEqual(await pairings.update(telegramUser(7), decided('paired')), expected);
    assert.deepEqual(await pairings.get(telegramUser(7)), expected);
    assert.deepEqual(await pairings.update(telegramUser(7), () => undefined), expected);
    assert.equal(await pairings.update(telegramUser(8), decided('paired')), undefined);
  },

  'lists by status, newest first, and names everybody who is let in': async ({ stores: { pairings } }) => {
    for (const id of [1, 2, 3]) await pairings.offer(asked(id, { askedAt: START + id }), limits);
    await pairings.update(telegramUser(2), decided('paired'));
    assert.deepEqual(idsOf(await pairings.list({ limit: 10 })), [3, 2, 1].map(telegramUser));
    assert.deepEqual(idsOf(await pairings.list({ limit: 1 })), [telegramUser(3)]);
    assert.deepEqual(idsOf(await pairings.list({ statuses: ['asked'], limit: 10 })), [3, 1].map(telegramUser));
    assert.deepEqual(await pairings.paired(), [telegramUser(2)]);
  },

  'commits with the rest of its unit of work, or not at all': async ({ stores: { pairings }, unitOfWork }) => {
    const failing = unitOfWork.run(async (unit) => {
      await unit.pairings.offer(asked(7), limits);
      assert.equal((await unit.pairings.get(telegramUser(7)))?.code, 'CODE7');
      throw new RangeError('it ends here');
    });
    await assert.rejects(failing, RangeError);
    assert.equal(await pairings.get(telegramUser(7)), undefined);
  },
};
