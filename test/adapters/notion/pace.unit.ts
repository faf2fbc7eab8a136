import { expect } from 'chai';
import { makePace } from '../../../src/adapters/notion/pace.ts';
import { makeFixedClock, START } from '../../../src/testing/index.ts';

describe('The pace of requests to Notion', () => {
  it('lets three begin in any second, in their order, and the others wait', async () => {
    const clock = makeFixedClock();
    const pace = makePace(clock, 3);
    const begun: [number, number][] = [];
    const { signal } = new AbortController();
    for (let n = 0; n < 7; n++) void pace(signal).then(() => begun.push([n, clock.now() - START]));
    await Promise.resolve();
    for (let tick = 0; tick < 30; tick++) {
      clock.advance(100);
      await Promise.resolve();
      await Promise.resolve();
    }
    expect(begun.map(([n]) => n)).to.deep.equal([0, 1, 2, 3, 4, 5, 6]);
    expect(begun.map(([, at]) => Math.floor(at / 1000))).to.deep.equal([0, 0, 0, 1, 1, 1, 2]);
  });

  it('keeps nobody that aborts', async () => {
    const pace = makePace(makeFixedClock(), 1);
    await pace(new AbortController().signal);
    const ending = new AbortController();
    const waiting = pace(ending.signal);
    ending.abort();
    await waiting;
    await pace(ending.signal);
  });
});
