import { expect } from 'chai';
import { silentLogger } from '../../src/ports/index.ts';
import { makeFixedClock, makeRecordingLogger, makeSeededRandomness, START } from '../../src/testing/index.ts';

describe('the fixed clock', () => {
  it('stands still until it is told to move', () => {
    const clock = makeFixedClock();
    expect(clock.now()).to.equal(START);
    clock.advance(5);
    expect(clock.now()).to.equal(START + 5);
  });

  it('fires timers in the order of their times, each at its own, and no other', () => {
    const clock = makeFixedClock(0);
    const fired: string[] = [];
    const timer = (name: string, ms: number) => clock.after(ms, () => fired.push(`${name} at ${clock.now()}`));
    timer('c', 30);
    timer('a', 10);
    timer('late', 101);
    timer('b', 10);
    timer('cancelled', 20)();
    clock.advance(100);
    expect(fired).to.deep.equal(['a at 10', 'b at 10', 'c at 30']);
    expect(clock.now()).to.equal(100);
    expect(clock.timers).to.equal(1);
    clock.advance(1);
    expect(fired.at(-1)).to.equal('late at 101');
  });

  it('fires timers that are set by timers, when they fall due on the way', () => {
    const clock = makeFixedClock(0);
    const times: number[] = [];
    const tick = (): void => {
      times.push(clock.now());
      clock.after(10, tick);
    };
    clock.after(10, tick);
    clock.advance(35);
    expect(times).to.deep.equal([10, 20, 30]);
  });

  it('tells when a timer is set', async () => {
    const clock = makeFixedClock(0);
    const set = clock.untilTimer();
    clock.after(40, () => undefined);
    expect(await set).to.equal(40);
    expect(await clock.untilTimer()).to.equal(40);
  });
});

describe('seeded randomness', () => {
  const draw = (seed: number) => {
    const chance = makeSeededRandomness(seed);
    return Array.from({ length: 200 }, () => ({ id: chance.id(), fraction: chance.fraction() }));
  };

  it('comes out the same for the same seed, and differs for another', () => {
    expect(draw(1)).to.deep.equal(draw(1));
    expect(draw(1)).to.not.deep.equal(draw(2));
  });

  it('keeps the law of Randomness', () => {
    const drawn = draw(7);
    for (const { id, fraction } of drawn) {
      expect(id).to.match(/^[A-Za-z0-9_-]{1,64}$/);
      expect(fraction).to.be.within(0, 1 - Number.EPSILON);
    }
    for (const key of ['id', 'fraction'] as const) expect(new Set(drawn.map((one) => one[key])).size).to.equal(drawn.length);
  });
});

describe('loggers for tests', () => {
  it('record each line with its level, area and fields, children among them', () => {
    const logger = makeRecordingLogger();
    logger.info({ a: 1 }, 'began');
    logger.child('outbox').child('send').error({ reason: 'down' }, 'failed');
    expect(logger.lines).to.deep.equal([
      { level: 'info', area: '', message: 'began', fields: { a: 1 } },
      { level: 'error', area: 'outbox.send', message: 'failed', fields: { reason: 'down' } },
    ]);
  });

  it('or say nothing', () => {
    silentLogger.child('any').warn({}, 'unheard');
  });
});
