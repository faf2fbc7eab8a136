import { expect } from 'chai';
import { makeThrottle } from '../../../../src/adapters/http/auth/throttle.ts';

describe('Wrong tokens', () => {
  const site = () => {
    const time = { now: 1_000_000_000 };
    return { time, throttle: makeThrottle(() => time.now) };
  };
  const guess = (throttle: ReturnType<typeof makeThrottle>, times: number, address = '192.0.2.1') => {
    for (let n = 0; n < times; n++) throttle.wrong(address, `guess ${n}`);
  };

  it('are free ten times; then each doubles the wait, up to a quarter of an hour', () => {
    const { throttle, time } = site();
    guess(throttle, 10);
    expect(throttle.waitMs('192.0.2.1')).to.equal(0);
    const waits: number[] = [];
    for (let n = 0; n < 13; n++) {
      throttle.wrong('192.0.2.1', `more ${n}`);
      waits.push(throttle.waitMs('192.0.2.1') / 1_000);
      time.now += throttle.waitMs('192.0.2.1');
      expect(throttle.waitMs('192.0.2.1')).to.equal(0);
    }
    expect(waits).to.deep.equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
  });

  it('of one address keep no other waiting', () => {
    const { throttle } = site();
    guess(throttle, 20);
    expect(throttle.waitMs('192.0.2.1')).to.be.greaterThan(0);
    expect(throttle.waitMs('192.0.2.2')).to.equal(0);
  });

  it('are one where a program repeats an old token', () => {
    const { throttle } = site();
    for (let n = 0; n < 1_000; n++) throttle.wrong('192.0.2.1', 'the token of last year');
    expect(throttle.waitMs('192.0.2.1')).to.equal(0);
  });

  it('are forgotten after an hour, and where the clock was put back', () => {
    for (const ms of [60 * 60_000, -1]) {
      const { throttle, time } = site();
      guess(throttle, 20);
      time.now += ms;
      expect(throttle.waitMs('192.0.2.1')).to.equal(0);
      expect(throttle.wrong('192.0.2.1', 'again')).to.deep.equal({ guesses: 1, waitMs: 0 });
    }
  });

  it('do not hide that the right one was used from there within a day', () => {
    const { throttle, time } = site();
    expect(throttle.isKnown('192.0.2.1')).to.equal(false);
    throttle.right('192.0.2.1');
    guess(throttle, 20);
    expect([throttle.isKnown('192.0.2.1'), throttle.isKnown('192.0.2.2')]).to.deep.equal([true, false]);
    time.now += 24 * 60 * 60_000;
    expect(throttle.isKnown('192.0.2.1')).to.equal(false);
  });

  it('of any number of addresses fill no more than so much memory', () => {
    const { throttle } = site();
    for (let n = 0; n < 50_000; n++) {
      throttle.wrong(`2001:db8::${n.toString(16)}`, 'x');
      throttle.right(`2001:db8::${n.toString(16)}`);
    }
    expect(throttle.size()).to.equal(20_000);
  });
});
