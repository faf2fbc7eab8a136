import { strict as assert } from 'node:assert';
import { type AgentPromise, PROMISE_STATUSES, promiseId } from '../domain/index.ts';
import type { PromiseQueries, Storage } from '../ports/index.ts';
import { promiseAfter as after, carryOut, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { telegramChat, telegramMessage } from './ids.ts';
import { build, cancel, everyState, idsOf, start } from './promise-states.ts';

/** The law of `PromiseStore`: queries. */
export const promiseQueriesContract: Contract<Storage> = {
  'counts the promises of a chat that have not settled': async ({ stores: { promises } }) => {
    assert.equal(await promises.countOpen(telegramChat(501)), 0);
    await promises.add([...everyState(), build(8, { chatId: telegramChat(502) })]);
    assert.equal(await promises.countOpen(telegramChat(501)), 4);
    assert.equal(await promises.countOpen(telegramChat(502)), 1);
  },

  'finds by status, chat and message, in either order, up to the limit': async ({ stores: { promises } }) => {
    await promises.add(everyState());
    await promises.add([build(8, { chatId: telegramChat(502) }), build(9, { messageId: telegramMessage(2), createdAt: START + 1 })]);
    const found = async (filter: Omit<Parameters<PromiseQueries['find']>[0], 'limit'>, limit = 100) =>
      idsOf(await promises.find({ ...filter, limit }));
    assert.deepEqual(await found({}), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual(await found({ newestFirst: true }, 3), [9, 8, 7]);
    assert.deepEqual(await found({}, 2), [1, 2]);
    assert.deepEqual(await found({ statuses: ['pending'] }), [1, 3, 8, 9]);
    assert.deepEqual(await found({ statuses: ['completed', 'cancelled'] }), [5, 7]);
    assert.deepEqual(await found({ statuses: ['completed', 'pending'], newestFirst: true }, 3), [9, 8, 5]);
    assert.deepEqual(
      await found({ statuses: ['completed', 'pending'], chatId: telegramChat(501), messageId: telegramMessage(1) }),
      [1, 3, 5],
    );
    assert.deepEqual(await found({ statuses: [] }), []);
    assert.deepEqual(await found({ statuses: [`x' OR '1' = '1` as never] }), []);
    assert.deepEqual(await found({ chatId: telegramChat(502) }), [8]);
    assert.deepEqual(await found({ messageId: telegramMessage(2) }), [9]);
    assert.deepEqual(
      await found({ chatId: telegramChat(501), statuses: ['pending'], messageId: telegramMessage(1), newestFirst: true }),
      [3, 1],
    );
    assert.deepEqual(await found({ chatId: telegramChat(999) }), []);
  },

  'finds by agent and by words of the description, in pages by number': async ({ stores: { promises } }) => {
    const words = ['Count the Beans', 'count 100% of it', 'read a_b', 'count more beans', 'nothing'];
    await promises.add(words.map((description, at) => build(at + 1, { description, ...(at === 3 ? { agent: 'other' } : {}) })));
    const found = async (filter: Omit<Parameters<PromiseQueries['find']>[0], 'limit' | 'newestFirst'>, limit = 100) =>
      idsOf(await promises.find({ ...filter, newestFirst: true, limit }));
    assert.deepEqual(await found({ text: 'BEANS' }), [4, 1]);
    assert.deepEqual(await found({ text: '0%' }), [2]);
    assert.deepEqual(await found({ text: 'a_b' }), [3]);
    assert.deepEqual(await found({ text: '_' }), [3]);
    assert.deepEqual(await found({ text: '!' }), []);
    assert.deepEqual(await found({ agent: 'other' }), [4]);
    assert.deepEqual(await found({ before: promiseId(4) }, 2), [3, 2]);
    assert.deepEqual(await found({ before: promiseId(2) }, 2), [1]);
    assert.deepEqual(await found({ from: promiseId(4) }), [5, 4]);
    assert.deepEqual(await found({ text: 'count', before: promiseId(4), statuses: ['pending', 'waiting'] }), [2, 1]);
  },

  'counts the promises that have not settled by chat': async ({ stores: { promises } }) => {
    assert.deepEqual([...(await promises.openByChat())], []);
    await promises.add([...everyState(), build(8, { chatId: telegramChat(502) })]);
    assert.deepEqual([...(await promises.openByChat())].sort(), [
      [telegramChat(501), 4],
      [telegramChat(502), 1],
    ]);
  },

  'finds promises that wait on a parent while they wait': async ({ stores: { promises } }) => {
    await promises.add([build(1), build(2), build(11)]);
    const dependsOn = (...ids: number[]) => ({ dependsOn: ids.map(promiseId) });
    await promises.add([build(3, dependsOn(1)), build(4, dependsOn(2, 1)), build(5, dependsOn(2)), build(6, dependsOn(11))]);
    assert.deepEqual(idsOf(await promises.waitingOn([promiseId(1)])), [3, 4]);
    await carryOut(promises, build(3, dependsOn(1)).id, { type: 'release', at: START });
    assert.deepEqual(await promises.waitingOn([promiseId(1)]), [build(4, dependsOn(2, 1))]);
    assert.deepEqual(await promises.waitingOn([promiseId(3)]), []);
    assert.deepEqual(await promises.waitingOn([]), []);
    assert.deepEqual(idsOf(await promises.waitingOn([1, 2, 11].map(promiseId))), [4, 5, 6]);
  },

  'counts promises by status, with 0 for a status without promises': async ({ stores: { promises } }) => {
    const none = Object.fromEntries(PROMISE_STATUSES.map((status) => [status, 0]));
    assert.deepEqual(await promises.stats(), none);
    await promises.add(everyState());
    assert.deepEqual(await promises.stats(), { waiting: 1, pending: 2, in_progress: 1, completed: 1, failed: 1, cancelled: 1 });
  },

  'finds promises whose deadline has passed until they settle': async ({ stores: { promises } }) => {
    assert.equal(await promises.nextDeadline(), undefined);
    await promises.add([
      build(1, { deadline: START + 30 }),
      after(build(2, { deadline: START + 20 }), start),
      after(build(3, { deadline: START + 10 }), cancel),
      build(4, { deadline: START + 40, dependsOn: [promiseId(1)] }),
      build(5),
    ]);
    assert.equal(await promises.nextDeadline(), START + 20);
    assert.deepEqual(idsOf(await promises.overdue(START + 30, 9)), [2, 1]);
    assert.deepEqual(idsOf(await promises.overdue(START + 90, 2)), [2, 1]);
    const [missed] = await promises.overdue(START + 20, 9);
    await carryOut(promises, (missed as AgentPromise).id, { type: 'expire', at: START + 20 });
    assert.equal(await promises.nextDeadline(), START + 30);
  },

  'finds by type and by tenant': async ({ stores: { promises } }) => {
    await promises.add([build(1, { taskType: 'code', tenant: 'psy' }), build(2, { tenant: 'psy' }), build(3)]);
    assert.deepEqual(idsOf(await promises.find({ taskTypes: ['code', 'search'], limit: 9 })), [1]);
    assert.deepEqual(idsOf(await promises.find({ tenant: 'psy', limit: 9 })), [1, 2]);
  },
};
