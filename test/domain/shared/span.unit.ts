import { expect } from 'chai';
import { readSpan, readTime } from '../../../src/domain/index.ts';

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000] as const;

describe('spans of time', () => {
  for (const [written, ms] of [
    ['90s', 90 * SECOND],
    ['90m', 90 * MINUTE],
    ['12h', 12 * HOUR],
    ['7d', 7 * DAY],
    ['1w', 7 * DAY],
    ['1h30m', 90 * MINUTE],
    ['1h 30m', 90 * MINUTE],
    ['1d12h', 36 * HOUR],
    [' 1H ', HOUR],
    ['PT90M', 90 * MINUTE],
    ['PT1H30M', 90 * MINUTE],
    ['P2D', 2 * DAY],
    ['P1W', 7 * DAY],
    ['p1dt1h', 25 * HOUR],
    ['0s', 0],
  ] as const)
    it(`are read from ${written}, and count from now as a time`, () => {
      expect(readSpan(written)).to.equal(ms);
      expect(readTime(written, 'UTC', 5)).to.equal(5 + ms);
    });

  for (const written of ['', 'P', 'PT', 'h', '1', '1.5h', '-1h', '30m1h', '1y', 'P1Y', 'P1M', '1h30', 'one hour', '1234567h', 'h1'])
    it(`are not read from ${JSON.stringify(written)}`, () => {
      expect(readSpan(written)).to.equal(undefined);
    });
});
