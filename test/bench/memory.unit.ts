import { expect } from 'chai';
import { freshTokens, measureTurns } from '../../bench/memory.ts';

describe('50 turns of one chat', () => {
  it('send no more new tokens in the end than after the first summary, and far fewer than all', async () => {
    const turns = await measureTurns(50);
    expect(turns).to.have.length(50);
    const { first, last } = freshTokens(turns);
    expect(last / first).to.be.at.most(1.2);
    const all = turns.slice(-10).reduce((sum, { tokens }) => sum + tokens, 0) / 10;
    expect(last).to.be.below(all / 2);
  });
});
