import { expect } from 'chai';
import { describe, it } from 'mocha';
import { makeThrottle } from '../../../src/ports/adapter-kit/throttle.ts';
import { makeFixedClock } from '../../../src/testing/index.ts';

const PAUSE_MS = 3;

const stage = (act: () => boolean = () => true) => {
  const clock = makeFixedClock();
  let calls = 0;
  const throttle = makeThrottle(clock.after, PAUSE_MS, () => {
    calls++;
    return act();
  });
  return { clock, throttle, calls: () => calls };
};

describe('A throttle', () => {
  it('acts at once, and once after the pause for all calls during it', () => {
    const { clock, throttle, calls } = stage();
    for (let i = 0; i < 5; i++) throttle.run();
    expect(calls()).to.equal(1);
    clock.advance(PAUSE_MS - 1);
    expect(calls()).to.equal(1);
    clock.advance(1);
    expect(calls()).to.equal(2);
    clock.advance(10 * PAUSE_MS);
    expect(calls()).to.equal(2);
    throttle.run();
    expect(calls()).to.equal(3);
  });

  it('does not pause after an act that did nothing', () => {
    const { throttle, calls } = stage(() => false);
    for (let i = 0; i < 5; i++) throttle.run();
    expect(calls()).to.equal(5);
  });

  it('forgets what its pause holds back when it is stopped', () => {
    const { clock, throttle, calls } = stage();
    throttle.run();
    throttle.run();
    throttle.stop();
    clock.advance(PAUSE_MS);
    expect(calls()).to.equal(1);
    expect(clock.timers).to.equal(0);
  });
});
