import { expect } from 'chai';
import { makeFailureLog } from '../../../src/application/loops/failure-log.ts';
import { makeFixedClock, makeRecordingLogger } from '../../../src/testing/index.ts';

const stage = () => {
  const clock = makeFixedClock();
  const logger = makeRecordingLogger();
  const log = makeFailureLog({ clock, logger }, { fails: 'fails', worksAgain: 'works' });
  /** A second later: it fails for this reason, or works. */
  const then = (reason?: string): void => {
    clock.advance(1_000);
    if (reason === undefined) log.succeeded();
    else log.failed(new Error(reason));
  };
  const lines = () =>
    logger.lines.map(({ message, fields }) => [message, fields.reason, fields.failures].filter((part) => part !== undefined));
  return { clock, then, lines };
};

describe('the log of failures', () => {
  it('tells of a new reason at once, also just after another, and after it worked', () => {
    const { then, lines } = stage();
    for (const reason of ['away', 'a bug', 'away', undefined, 'another bug']) then(reason);
    expect(lines()).to.deep.equal([
      ['fails', 'away', 1],
      ['fails', 'a bug', 2],
      ['works', 3],
      ['fails', 'another bug', 1],
    ]);
  });

  it('what fails now and then for one reason is told of once in ten seconds, and each failure is counted once', () => {
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

  it('two reasons that take turns are told of once each in ten seconds', () => {
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

  it('a clock that was put back holds up nothing', () => {
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
