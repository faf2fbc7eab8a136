import { strict as assert } from 'node:assert';
import type { Storage } from '../ports/index.ts';
import type { Contract } from './contract.ts';
import { telegramUser } from './ids.ts';

/** The law of `UsernamePins`. */
export const usernamePinsContract: Contract<Storage> = {
  'gives a username to nobody until it is pinned': async ({ stores: { usernames } }) => {
    assert.equal(await usernames.pinned('telegram:grace'), undefined);
    await usernames.pin('telegram:grace', telegramUser(7));
    assert.equal(await usernames.pinned('telegram:grace'), telegramUser(7));
    assert.equal(await usernames.pinned('ada'), undefined);
  },

  'keeps the first pin': async ({ stores: { usernames } }) => {
    await usernames.pin('telegram:grace', telegramUser(7));
    await usernames.pin('telegram:grace', telegramUser(8));
    assert.equal(await usernames.pinned('telegram:grace'), telegramUser(7));
  },

  'keeps one of 20 parallel pins': async ({ stores: { usernames } }) => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => usernames.pin('telegram:grace', telegramUser(i + 1))));
    const holder = await usernames.pinned('telegram:grace');
    assert.ok(holder !== undefined && Array.from({ length: 20 }, (_, i) => telegramUser(i + 1)).includes(holder));
    await usernames.pin('telegram:grace', telegramUser(99));
    assert.equal(await usernames.pinned('telegram:grace'), holder);
  },

  'lets one person hold several usernames': async ({ stores: { usernames } }) => {
    await usernames.pin('telegram:grace', telegramUser(7));
    await usernames.pin('hopper', telegramUser(7));
    assert.deepEqual(await Promise.all(['telegram:grace', 'hopper'].map((name) => usernames.pinned(name))), [
      telegramUser(7),
      telegramUser(7),
    ]);
  },

  'shows a pin inside its unit of work, and undoes it if the unit rejects': async ({ stores, unitOfWork }) => {
    const run = unitOfWork.run(async ({ usernames }) => {
      await usernames.pin('telegram:grace', telegramUser(7));
      assert.equal(await usernames.pinned('telegram:grace'), telegramUser(7));
      throw new RangeError('no');
    });
    await assert.rejects(run, RangeError);
    assert.equal(await stores.usernames.pinned('telegram:grace'), undefined);
  },
};
