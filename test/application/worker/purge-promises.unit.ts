import { expect } from 'chai';
import { makePurgeLoop, makePurgePromises } from '../../../src/application/worker/purge-promises.ts';
import { type AgentPromise, promiseId } from '../../../src/domain/index.ts';
import { buildPromise, makeRecordingEvents, promiseAfter } from '../../../src/testing/index.ts';
import { advance, makeWorld, settle } from '../support/harness.ts';

const DAY = 24 * 60 * 60 * 1000;

const stage = async () => {
  const { storage, clock, changes } = makeWorld();
  const { promises } = storage.stores;
  /** Settled so many days before the clock's time, and delivered. */
  const settled = async (id: number, daysAgo: number, delivered = true): Promise<void> => {
    const at = clock.now() - daysAgo * DAY;
    const promise: AgentPromise = buildPromise({ id: promiseId(id), createdAt: at });
    await promises.add([promiseAfter(promise, { type: 'cancel', at, reason: 'enough' })]);
    if (delivered) await promises.markDelivered(promise.id, at);
  };
  const left = async () => (await promises.find({ limit: 2_000 })).map(({ id }) => Number(id));
  const { audit } = storage.stores;
  const deps = { promises, audit, clock, changes, events: makeRecordingEvents(), retentionMs: 7 * DAY };
  return { audit, clock, settled, left, deps, loop: makePurgeLoop(deps), purge: makePurgePromises(deps) };
};

describe('purging promises', () => {
  it('purges promises past their retention when a worker starts, and every hour', async () => {
    const { clock, settled, left, loop } = await stage();
    await settled(1, 8);
    await settled(2, 6.99);
    loop.start();
    await settle();
    expect(await left()).to.deep.equal([2]);
    await advance({ clock }, 60 * 60 * 1000, 60_000);
    expect(await left()).to.deep.equal([]);
    await loop.stop();
  });

  it('purges many promises in batches, and logs their number', async () => {
    const { clock, settled, left, loop, deps } = await stage();
    for (let id = 1; id <= 1_001; id++) await settled(id, 10);
    loop.start();
    await settle();
    expect(await left()).to.have.length(501);
    await advance({ clock }, 5_000, 1_000);
    expect(await left()).to.deep.equal([]);
    expect(deps.events.of('promises-purged').map(({ count }) => count)).to.deep.equal([500, 500, 1]);
    await loop.stop();
  });

  it('keeps a promise whose outcome was never delivered for 30 days', async () => {
    const { settled, left, purge } = await stage();
    await settled(1, 29, false);
    await settled(2, 31, false);
    expect(await purge()).to.equal(1);
    expect(await left()).to.deep.equal([1]);
  });

  it('purges by hand all promises of the given age at once; a dry run only counts them', async () => {
    const { settled, left, purge } = await stage();
    for (let id = 1; id <= 501; id++) await settled(id, 2);
    expect(await purge()).to.equal(0);
    expect(await purge({ olderThanMs: DAY, dryRun: true })).to.equal(501);
    expect(await left()).to.have.length(501);
    expect(await purge({ olderThanMs: DAY })).to.equal(501);
    expect(await left()).to.deep.equal([]);
  });
});
