import { expect } from 'chai';
import { MOST_CHOICES, makeSaidWords } from '../../../src/domain/trust/said-words.ts';
import { EVERYDAY, HOSTILE } from './everyday-searches.ts';

const SCHEMA = { properties: { query: { type: 'string' } } };
const isFree = ([said, query]: readonly [string, string]): boolean =>
  (makeSaidWords([said]).choices({ query }, SCHEMA) ?? MOST_CHOICES) < MOST_CHOICES;

describe('Searches after private data and words of others', () => {
  it('run without a person in at least eight of ten everyday cases', () => {
    const free = EVERYDAY.filter(isFree);
    const asked = EVERYDAY.filter((row) => !isFree(row)).map(([, query]) => query);
    expect(free.length / EVERYDAY.length, `not covered: ${asked.join(' | ')}`).to.be.at.least(0.8);
  });

  for (const row of HOSTILE)
    it(`never run with ${JSON.stringify(row[1])} after ${JSON.stringify(row[0])}`, () => {
      expect(isFree(row)).to.equal(false);
    });
});
