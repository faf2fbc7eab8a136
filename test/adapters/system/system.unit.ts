import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import sinon from 'sinon';
import { systemClock, systemRandomness } from '../../../src/adapters/system/index.ts';

describe('system clock', () => {
  let timers: sinon.SinonFakeTimers;
  beforeEach(() => {
    timers = sinon.useFakeTimers(1_000_000);
  });
  afterEach(() => timers.restore());

  it('tells the time, and runs an action once, when it is due', () => {
    const action = sinon.fake();
    systemClock.after(250, action);
    timers.tick(249);
    expect(action.callCount).to.equal(0);
    timers.tick(10_000);
    expect(action.callCount).to.equal(1);
    expect(systemClock.now()).to.equal(1_010_249);
  });

  it('does not run an action that was called off', () => {
    const action = sinon.fake();
    systemClock.after(250, action)();
    timers.tick(300);
    expect(action.callCount).to.equal(0);
  });

  it('waits longer than one of Node’s timers can, and can be called off in the middle', () => {
    const days = 24 * 60 * 60 * 1000;
    const [action, calledOff] = [sinon.fake(), sinon.fake()];
    systemClock.after(60 * days, action);
    const cancel = systemClock.after(60 * days, calledOff);
    timers.tick(59 * days);
    expect(action.callCount).to.equal(0);
    cancel();
    timers.tick(days);
    expect(action.callCount).to.equal(1);
    expect(calledOff.callCount).to.equal(0);
  });

  it('runs at once what is overdue', () => {
    const action = sinon.fake();
    systemClock.after(-5, action);
    timers.tick(1);
    expect(action.callCount).to.equal(1);
  });
});

describe('system randomness', () => {
  const thousand = <T>(make: () => T): T[] => Array.from({ length: 1_000 }, make);

  it('gives ids of the promised alphabet, no two alike', () => {
    const ids = thousand(systemRandomness.id);
    for (const id of ids) expect(id).to.match(/^[A-Za-z0-9_-]{1,64}$/);
    expect(new Set(ids).size).to.equal(1_000);
  });

  it('gives fractions from 0, below 1, spread out', () => {
    const fractions = thousand(systemRandomness.fraction);
    for (const fraction of fractions) expect(fraction >= 0 && fraction < 1).to.equal(true);
    expect(Math.min(...fractions)).to.be.below(0.1);
    expect(Math.max(...fractions)).to.be.above(0.9);
  });
});
