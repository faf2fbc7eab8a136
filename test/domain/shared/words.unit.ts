import { expect } from 'chai';
import { bytesWords, durationWords, plural } from '../../../src/domain/index.ts';

describe('Words of amounts', () => {
  it('tell a time in the units that tell anything', () => {
    for (const [ms, words] of [
      [0, '0 s'],
      [0.2, '1 ms'],
      [500, '500 ms'],
      [1_000, '1 s'],
      [9_500, '9.5 s'],
      [9_990, '10 s'],
      [60_000, '1 min'],
      [90_000, '90 s'],
      [119_600, '2 min'],
      [135_000, '2 min 15 s'],
      [1_234_567, '21 min'],
      [3_599_000, '1 h'],
      [5_400_000, '1 h 30 min'],
      [93_600_000, '26 h'],
      [180_000_000, '2 d 2 h'],
      [604_800_000, '7 d'],
    ] as const)
      expect(durationWords(ms), String(ms)).to.equal(words);
  });

  it('tell a size by its largest unit', () =>
    expect([0, 820_000, 3_400_000_000, 5_000_000, 12_345_678, 7e15].map(bytesWords)).to.deep.equal([
      '0 kB',
      '820 kB',
      '3.4 GB',
      '5 MB',
      '12 MB',
      '7000 TB',
    ]));

  it('tell one and many', () =>
    expect([plural(1, 'run'), plural(0, 'run'), plural(2, 'reply', 'replies')]).to.deep.equal(['1 run', '0 runs', '2 replies']));
});
