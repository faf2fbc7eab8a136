import { strict as assert } from 'node:assert';
import type { RequestClaim, Storage } from '../ports/index.ts';
import { START } from './builders.ts';
import type { Contract } from './contract.ts';
import { countWinners, portFailure } from './port-failure.ts';

const claimOf = (more: Partial<RequestClaim> = {}): RequestClaim => ({
  key: 'k1',
  request: 'cancel 1',
  once: `effect of ${more.key ?? 'k1'}`,
  at: START,
  until: START + 30,
  ...more,
});
const EFFECT = 'effect of k1';
const ANSWER = { status: 200, headers: { location: '/x' }, body: '{"text":"ü 世界"}' };

/** The law of `RequestKeys`. */
export const requestKeysContract: Contract<Storage> = {
  'lets one of many claims at the same moment win; the others hear that it runs': async ({ stores: { requestKeys } }) => {
    const claims = await Promise.all(Array.from({ length: 20 }, () => requestKeys.claim(claimOf())));
    assert.equal(claims.filter(({ kind }) => kind === 'claimed').length, 1);
    assert.equal(claims.filter(({ kind }) => kind === 'running').length, 19);
  },

  'gives the first answer to whoever asks again, and no other': async ({ stores: { requestKeys } }) => {
    await requestKeys.claim(claimOf());
    await requestKeys.answer('k1', ANSWER);
    await requestKeys.answer('k1', { ...ANSWER, status: 500 });
    for (const at of [START, START + 1_000_000])
      assert.deepEqual(await requestKeys.claim(claimOf({ at, until: at + 30 })), { kind: 'answered', answer: ANSWER });
    await requestKeys.release('k1');
    assert.equal((await requestKeys.claim(claimOf())).kind, 'answered');
    await requestKeys.answer('unknown', ANSWER);
  },

  'refuses a key that names another request, whatever became of that': async ({ stores: { requestKeys } }) => {
    await requestKeys.claim(claimOf());
    assert.equal((await requestKeys.claim(claimOf({ request: 'cancel 2', at: START + 99 }))).kind, 'other');
    await requestKeys.answer('k1', ANSWER);
    assert.equal((await requestKeys.claim(claimOf({ request: 'cancel 2' }))).kind, 'other');
    assert.equal((await requestKeys.claim(claimOf({ key: 'k2', request: 'cancel 2' }))).kind, 'claimed');
  },

  'lets the request be claimed again where nobody answered in time': async ({ stores: { requestKeys } }) => {
    const first = await requestKeys.claim(claimOf());
    assert.equal((await requestKeys.claim(claimOf({ at: START + 29, until: START + 59 }))).kind, 'running');
    assert.deepEqual(await requestKeys.claim(claimOf({ once: 'another', at: START + 30, until: START + 60 })), first);
    assert.equal((await requestKeys.claim(claimOf({ at: START + 59, until: START + 89 }))).kind, 'running');
  },

  'stores that the effect is stored with the effect, or not at all, and once': async ({ stores: { requestKeys }, unitOfWork }) => {
    await requestKeys.claim(claimOf());
    await unitOfWork
      .run(async (unit) => {
        await unit.requestKeys.markDone(EFFECT, START);
        throw new Error('undone');
      })
      .catch((error: Error) => assert.equal(error.message, 'undone'));
    assert.equal(await requestKeys.isDone(EFFECT), false);
    const marked = Array.from({ length: 5 }, () => unitOfWork.run((unit) => unit.requestKeys.markDone(EFFECT, START)));
    assert.equal(await countWinners(marked), 1);
    assert.equal(await requestKeys.isDone(EFFECT), true);
    await assert.rejects(requestKeys.markDone('unknown', START), portFailure('concurrency'));
    assert.equal(await requestKeys.isDone('unknown'), false);
  },

  'gives a claim behind a release the same name of the effect, for it may be stored': async ({ stores: { requestKeys } }) => {
    const first = await requestKeys.claim(claimOf());
    await requestKeys.release('k1');
    assert.equal((await requestKeys.claim(claimOf({ request: 'cancel 2' }))).kind, 'other');
    assert.deepEqual(await requestKeys.claim(claimOf({ once: 'another' })), first);
    assert.equal((await requestKeys.claim(claimOf())).kind, 'running');
    await requestKeys.markDone(EFFECT, START);
    await requestKeys.release('k1');
    assert.deepEqual(await requestKeys.claim(claimOf({ once: 'a third' })), first);
    assert.equal(await requestKeys.isDone(EFFECT), true);
    await requestKeys.release('unknown');
  },

  'purges old keys, and the oldest of too many, in batches': async ({ stores: { requestKeys } }) => {
    for (const nth of [1, 2, 3, 4, 5]) await requestKeys.claim(claimOf({ key: `k${nth}`, at: START + nth }));
    assert.equal(await requestKeys.purge({ before: START + 3, most: 10, limit: 1 }), 1);
    assert.equal(await requestKeys.purge({ before: START + 3, most: 10, limit: 10 }), 1);
    assert.equal(await requestKeys.purge({ before: START, most: 2, limit: 10 }), 1);
    assert.equal(await requestKeys.purge({ before: START, most: 2, limit: 10 }), 0);
    const kinds = [];
    for (const nth of [3, 4]) kinds.push((await requestKeys.claim(claimOf({ key: `k${nth}`, at: START }))).kind);
    assert.deepEqual(kinds, ['claimed', 'running']);
  },
};
