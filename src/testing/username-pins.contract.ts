import { strict as assert } from 'node:assert';
import { userId } from '../domain/index.ts';
import type { Storage } from '../ports/index.ts';
import type { Contract } from './contract.ts';

/** The law of `UsernamePins`. */
export const usernamePinsContract: Contract<Storage> = {
  'a username belongs to nobody until it is pinned': async ({ stores: { usernames } }) => {
    assert.equal(await usernames.pinned('grace'), undefined);
    await usernames.pin('grace', userId(7));
    assert.equal(await usernames.pinned('grace'), userId(7));
    assert.equal(await usernames.pinned('ada'), undefined);
  },

  'the first one wins': async ({ stores: { usernames } }) => {
    await usernames.pin('grace', userId(7));
    await usernames.pin('grace', userId(8));
    assert.equal(await usernames.pinned('grace'), userId(7));
  },

  'one of 20 parallel pins wins, and stays': async ({ stores: { usernames } }) => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => usernames.pin('grace', userId(i + 1))));
    const holder = await usernames.pinned('grace');
    assert.ok(holder !== undefined && holder >= 1 && holder <= 20);
    await usernames.pin('grace', userId(99));
    assert.equal(await usernames.pinned('grace'), holder);
  },

  'one person may hold several usernames': async ({ stores: { usernames } }) => {
    await usernames.pin('grace', userId(7));
    await usernames.pin('hopper', userId(7));
    assert.deepEqual(await Promise.all(['grace', 'hopper'].map((name) => usernames.pinned(name))), [userId(7), userId(7)]);
  },

  'a pin of a unit of work that rejects is undone; inside, it is seen': async ({ stores, unitOfWork }) => {
    const run = unitOfWork.run(async ({ usernames }) => {
      await usernames.pin('grace', userId(7));
      assert.equal(await usernames.pinned('grace'), userId(7));
      throw new RangeError('no');
    });
    await assert.rejects(run, RangeError);
    assert.equal(await stores.usernames.pinned('grace'), undefined);
  },
};
