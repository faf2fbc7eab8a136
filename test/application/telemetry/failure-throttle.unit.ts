import { expect } from 'chai';
import { makeFailureThrottle } from '../../../src/application/telemetry/failure-throttle.ts';
import { makeFixedClock } from '../../../src/testing/index.ts';

const stage = () => {
  const clock = makeFixedClock();
  const lines: (string | number)[][] = [];
  let reason = '';
  const throttle = makeFailureThrottle(clock, {
    failed: (failures) => lines.push(['fails', reason, failures]),
    recovered: (failures) => lines.push(['works', failures]),
  });
  /** A second later: the action fails for this reason, or works. */
  const then = (failure?: string): void => {
    clock.advance(1_000);
    if (failure === undefined) {
      throttle.recovered();
      return;
    }
    reason = failure;
    throttle.failed(failure);
  };
  return { clock, then, lines: () => lines };
};

describe('The throttle of failures', () => {
  it('writes a new reason at once, also just after another one, and after a recovery', () => {
    const { then, lines } = stage();
    for (const reason of ['away', 'a bug', 'away', undefined, 'another bug']) then(reason);
    expect(lines()).to.deep.equal([
      ['fails', 'away', 1],
      ['fails', 'a bug', 2],
      ['works', 3],
      ['fails', 'another bug', 1],
    ]);
  });

  it('writes failures of one reason once in ten seconds, and counts each failure once', () => {
    const { clock, then, lines } = stage();
    for (let round = 0; round < 6; round++) {
      then('a bug');
      then();
    }
    expect(lines()).to.deep.equal([
      ['fails', 'a bug', 1],
      ['works', 1],
      ['fails', 'a bug', 5],
      ['works', 5],
    ]);
    then('a bug');
    then();
    clock.advance(10_000);
    then();
    then();
    expect(lines().slice(4)).to.deep.equal([['works', 1]]);
  });

  it('writes two alternating reasons once each in ten seconds', () => {
    const { then, lines } = stage();
    for (let round = 0; round < 6; round++) {
      then('away');
      then('refused');
    }
    expect(lines()).to.deep.equal([
      ['fails', 'away', 1],
      ['fails', 'refused', 2],
      ['fails', 'away', 11],
      ['fails', 'refused', 12],
    ]);
  });

  it('writes at once after the clock was put back', () => {
    const { clock, then, lines } = stage();
    then('away');
    clock.advance(-3_600_000);
    then('away');
    expect(lines()).to.deep.equal([
      ['fails', 'away', 1],
      ['fails', 'away', 2],
    ]);
  });
});
