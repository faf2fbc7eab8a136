import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { START, telegramUser } from '../../../src/testing/index.ts';
import { withStorage } from '../../support/sqlite-storage.ts';

describe('progress that is shown in chats whose numbers begin alike', () => {
  it('is forgotten of the one chat alone', () =>
    withStorage(async ({ state, personalData }) => {
      const progress = state('progress:telegram');
      await progress.set(
        new Map(['telegram:50/telegram:1', 'telegram:50:7/telegram:2', 'telegram:501/telegram:3'].map((key) => [key, '{}'])),
      );
      const person = telegramUser(50);
      await personalData.erase(person, await personalData.echoOf(person), START);
      const left = await Promise.all(['telegram:50/telegram:1', 'telegram:50:7/telegram:2', 'telegram:501/telegram:3'].map(progress.get));
      assert.deepEqual(left, [undefined, undefined, '{}']);
    }));
});
