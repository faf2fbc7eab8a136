import { expect } from 'chai';
import { paced } from '../../../src/application/loops/paced.ts';
import { START } from '../../../src/testing/index.ts';

const stage = (dueAt?: number) => {
  const time = { now: START };
  let looks = 0;
  const look = paced({ now: () => time.now, after: () => () => undefined }, 250, async () => {
    looks++;
    return dueAt;
  });
  return { time, look, looks: () => looks };
};

describe('a paced look', () => {
  it('looks at most every interval, and says when it will', async () => {
    const { time, look, looks } = stage();
    expect(await look()).to.equal(undefined);
    time.now = START + 249;
    expect(await look()).to.equal(START + 250);
    expect(looks()).to.equal(1);
    time.now = START + 250;
    await look();
    expect(looks()).to.equal(2);
  });

  it('looks in time at what falls due sooner', async () => {
    const { time, look, looks } = stage(START + 100);
    await look();
    expect(await look()).to.equal(START + 100);
    time.now = START + 100;
    await look();
    expect(looks()).to.equal(2);
  });

  it('does not wait for a clock that was put back to come round again', async () => {
    const { time, look, looks } = stage();
    await look();
    time.now = START - 3_600_000;
    await look();
    expect(looks()).to.equal(2);
    expect(await look()).to.equal(START - 3_600_000 + 250);
  });
});
