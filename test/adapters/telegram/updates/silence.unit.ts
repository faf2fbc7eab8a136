import { expect } from 'chai';
import { makeSilence, QUIET_MS } from '../../../../src/adapters/telegram/updates/silence.ts';
import { makeFixedClock } from '../../../../src/testing/index.ts';

describe('The silence of Telegram groups', () => {
  it('is too long after 15 minutes, then after twice that, up to four hours; any update ends it', () => {
    const clock = makeFixedClock();
    const silence = makeSilence(clock);
    const wait = (ms: number): readonly string[] => {
      clock.advance(ms);
      return silence.tooLong(['a', 'b']);
    };
    expect(wait(0), 'their silence begins when they are heard of').to.deep.equal([]);
    expect(wait(QUIET_MS - 1)).to.deep.equal([]);
    silence.heard('b');
    expect(wait(1)).to.deep.equal(['a']);
    expect(wait(QUIET_MS - 1)).to.deep.equal(['b']);
    expect(wait(QUIET_MS)).to.deep.equal([]);
    expect(wait(1)).to.deep.equal(['a']);
    for (let time = 0; time < 10; time++) wait(4 * 60 * 60_000);
    expect(wait(4 * 60 * 60_000 - 1)).to.deep.equal([]);
    expect(wait(1)).to.deep.equal(['a', 'b']);
    silence.heard('a');
    expect(wait(QUIET_MS)).to.deep.equal(['a']);
  });
});
