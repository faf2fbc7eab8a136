import { expect } from 'chai';
import { namedNumbers, untold } from '../../../src/domain/promise/decided.ts';

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const none = { promises: [], cancelledPromises: [], schedules: [], endedSchedules: [] };

describe('what a turn decided, in words', () => {
  for (const [ids, words] of [
    [[5], 'promise #5'],
    [[7, 5], 'promises #5 and #7'],
    [[5, 6], 'promises #5 and #6'],
    [range(5, 24), 'promises #5 to #24'],
    [[...range(5, 24), 30, 31, ...range(40, 42)], 'promises #5 to #24, #30, #31 and #40 to #42'],
  ] as const)
    it(`names ${words}`, () => {
      expect(namedNumbers('promise', ids)).to.equal(words);
    });

  for (const text of [
    'Promise #5 is made.',
    'I have promised it (#5).',
    'promise 5 is under way',
    '**Promise #5** is made, see below',
    'Made #1 to #9.',
    'Promises #1–#9 are made.',
    'Versprechen #5 ist gemacht.',
    'Promises #4, #5 and #6.',
    'Schedule #2 is made. The other one is #5.',
    'Обещание #5 принято.',
  ])
    it(`“${text}” names promise #5`, () => {
      expect(untold(text, { ...none, promises: [5] })).to.equal('');
    });

  for (const text of [
    '',
    'I am on it.',
    'I found 5 matches.',
    'Promise #55 is made.',
    'Schedule #5 is made.',
    'Promise #4 is made. I found 5.',
  ])
    it(`“${text}” does not name promise #5`, () => {
      expect(untold(text, { ...none, promises: [5] })).to.equal('(Made: promise #5.)');
    });

  it('tells everything that is not named: promises, schedules, and what was cancelled', () => {
    const decided = { promises: [...range(5, 24), 30], cancelledPromises: [2, 30], schedules: [1, 2, 3], endedSchedules: [3, 9] };
    expect(untold('Done.', decided)).to.equal('(Made: promises #5 to #24, schedules #1 and #2. Cancelled: promise #2, schedule #9.)');
    expect(untold('Promises #5 to #24 and schedule #1 are made, promise #2 is cancelled.', decided)).to.equal(
      '(Made: schedule #2. Cancelled: schedule #9.)',
    );
    expect(untold('', none)).to.equal('');
  });

  it('reads a huge range, and a text of 100,000 numbers, in no time', () => {
    expect(untold('#1 to #999999999999999', { ...none, promises: [5] })).to.equal('');
    expect(untold('#1 '.repeat(100_000), { ...none, promises: [5] })).to.equal('(Made: promise #5.)');
  });
});
