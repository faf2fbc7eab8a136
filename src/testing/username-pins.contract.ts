import { strict as assert } from 'node:assert';
import type { Storage } from '../ports/index.ts';
import type { Contract } from './contract.ts';
import { telegramUser } from './ids.ts';

/** The law of `UsernamePins`. */
export const usernamePinsContract: Contract<Storage> = {
  'a username belongs to nobody until it is pinned': async ({ stores: { usernames } }) => {
    assert.equal(await usernames.pinned('telegram:grace'), undefined);
    await usernames.pin('telegram:grace', telegramUser(7));
    assert.equal(await usernames.pinned('telegram:grace'), telegramUser(7));
    assert.equal(await usernames.pinned('ada'), undefined);
  },

  'the first one wins': async ({ stores: { usernames } }) => {
    await usernames.pin('telegram:grace', telegramUser(7));
    await usernames.pin('telegram:grace', telegramUser(8));
    assert.equal(await usernames.pinned('telegram:grace'), telegramUser(7));
  },

  'one of 20 parallel pins wins, and stays': async ({ stores: { usernames } }) => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => usernames.pin('telegram:grace', telegramUser(i + 1))));
    const holder = await usernames.pinned('telegram:grace');
    assert.ok(holder !== undefined && Array.from({ length: 20 }, (_, i) => telegramUser(i + 1)).includes(holder));
    await usernames.pin('telegram:grace', telegramUser(99));
    assert.equal(await usernames.pinned('telegram:grace'), holder);
  },

  'one person may hold several usernames': async ({ stores: { usernames } }) => {
    await usernames.pin('telegram:grace', telegramUser(7));
    await usernames.pin('hopper', telegramUser(7));
    assert.deepEqual(await Promise.all(['telegram:grace', 'hopper'].map((name) => usernames.pinned(name))), [
      telegramUser(7),
      telegramUser(7),
    ]);
  },

  'a pin of a unit of work that rejects is undone; inside, it is seen': async ({ stores, unitOfWork }) => {
    const run = unitOfWork.run(async ({ usernames }) => {
      await usernames.pin('telegram:grace', telegramUser(7));
      assert.equal(await usernames.pinned('telegram:grace'), telegramUser(7));
      throw new RangeError('no');
    });
    await assert.rejects(run, RangeError);
    assert.equal(await stores.usernames.pinned('telegram:grace'), undefined);
  },
};
