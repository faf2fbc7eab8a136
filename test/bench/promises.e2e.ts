import { expect } from 'chai';
import { describe, it } from 'mocha';
import { contenderOf, KEYS } from '../../bench/promises/contenders.ts';
import { drain } from '../../bench/promises/drain.ts';
import { enqueue } from '../../bench/promises/enqueue.ts';
import { pickUp } from '../../bench/promises/pick-up.ts';
import { makePlaces } from '../../bench/promises/places.ts';
import { postgresServer } from '../support/postgres.ts';

const TINY = { warmUp: 10, drainMs: 10, jobs: 40, workers: 1, concurrency: 10 };

describe('The benchmark of promises', () => {
  for (const key of KEYS)
    it(`${contenderOf(key).name}: every job is run once, and recorded as done`, async () => {
      const { jobsPerSecond } = await drain(makePlaces(await postgresServer()), key, TINY);
      expect(jobsPerSecond).to.be.above(0);
    });

  it('stores what it is asked to, each way, and sees it picked up by another process', async () => {
    const places = makePlaces(await postgresServer());
    const { oneByOne, atOnce, batches } = await enqueue(places, 'kept', { single: 5, batched: 20 });
    expect(Math.min(oneByOne, atOnce, batches)).to.be.above(0);
    const { sinceAsked } = await pickUp(places, 'kept', 5);
    expect(sinceAsked)
      .to.have.lengthOf(5)
      .and.to.satisfy((all: readonly number[]) => all.every((ms) => ms > 0 && ms < 5_000));
  });
});
