import { expect } from 'chai';
import {
  afterEnd,
  drainWords,
  inHandWords,
  isLooping,
  type ProcessEnd,
  promiseId,
  SUPERVISION,
  type Supervised,
  supervisedWords,
} from '../../../src/domain/index.ts';

const AT = 1_000_000;
const running: Supervised = { name: 'worker-1', phase: 'running', pid: 7, since: AT, ends: 0, failures: 0, status: 'works' };
const end = (further: Partial<ProcessEnd> = {}): ProcessEnd => ({ code: 1, signal: null, at: AT, servedMs: 0, ...further });

describe('What becomes of a supervised process that ended', () => {
  const rows: readonly [
    title: string,
    before: number,
    end: Partial<ProcessEnd>,
    failures: number,
    waitMs: number | undefined,
    verdict: string,
  ][] = [
    ['a first crash is followed after a second', 0, {}, 1, 1_000, 'crashed'],
    ['the wait doubles', 1, {}, 2, 2_000, 'crashed'],
    ['a kill is a crash', 1, { code: null, signal: 'SIGKILL' }, 2, 2_000, 'crashed'],
    ['the third in a row is a loop', 2, {}, 3, 4_000, 'looping'],
    ['the wait has an end', 40, {}, 41, 60_000, 'looping'],
    ['who has run well begins anew', 40, { servedMs: SUPERVISION.wellMs }, 1, 1_000, 'crashed'],
    ['who has nearly run well does not', 1, { servedMs: SUPERVISION.wellMs - 1 }, 2, 2_000, 'crashed'],
    ['an end without an error is no failure', 0, { code: 0 }, 0, 1_000, 'ended'],
    ['an end without an error ends no loop', 3, { code: 0 }, 3, 4_000, 'ended'],
    ['a wrong configuration is given up', 0, { code: 78 }, 1, undefined, 'given-up'],
    [
      'a wrong configuration is given up after a long run, too',
      0,
      { code: 78, servedMs: 9 * SUPERVISION.wellMs },
      1,
      undefined,
      'given-up',
    ],
  ];
  for (const [title, failures, how, expected, waitMs, verdict] of rows)
    it(title, () => {
      const { next, verdict: found } = afterEnd({ ...running, failures }, end(how), 0, SUPERVISION);
      expect([next.failures, next.nextAt === undefined ? undefined : next.nextAt - AT, found]).to.deep.equal([expected, waitMs, verdict]);
      expect(next).to.include({ phase: waitMs === undefined ? 'given-up' : 'waiting', ends: 1 });
      expect(next).to.not.have.any.keys('pid', 'status');
    });

  it('takes up to a quarter off the wait, by chance', () => {
    const waits = [0, 0.5, 0.999].map((fraction) => (afterEnd(running, end(), fraction, SUPERVISION).next.nextAt ?? 0) - AT);
    expect(waits).to.deep.equal([1_000, 875, 750]);
  });

  it('is told in words', () => {
    const loop = afterEnd({ ...running, failures: 3 }, end({ code: null, signal: 'SIGSEGV' }), 0, SUPERVISION).next;
    expect(isLooping(loop)).to.equal(true);
    expect(supervisedWords(loop, AT + 500)).to.equal('crash loop: ended 4 times in a row (killed by SIGSEGV), starts again in 7.5 s');
    expect(supervisedWords({ ...loop, failures: 1 }, AT)).to.equal('ended (killed by SIGSEGV), starts again in 8 s');
    expect(supervisedWords({ ...loop, phase: 'given-up', lastEnd: end({ code: 78 }) }, AT)).to.equal(
      'given up: its configuration has errors (exit code 78)',
    );
    expect(supervisedWords({ ...running, ends: 2, lastEnd: end() }, AT + 60_000)).to.equal(
      'works; it ended 2 times by itself, the last time 1 min ago (exit code 1)',
    );
    expect(supervisedWords(running, AT)).to.equal('works');
    expect(supervisedWords({ ...running, phase: 'stopping', status: 'stops; waits for 1 turn' }, AT)).to.equal('stops; waits for 1 turn');
  });
});

describe('What a process waits for that ends', () => {
  const promises = [1, 2, 3, 4, 5, 6, 7].map(promiseId);
  it('is told in words, with the promises that it keeps', () => {
    expect(inHandWords({ turns: 0, promises: [] })).to.equal('');
    expect(inHandWords({ turns: 2, promises: promises.slice(0, 1) })).to.equal('2 turns, 1 promise (#1)');
    expect(inHandWords({ turns: 0, promises })).to.equal('7 promises (#1, #2, #3, #4, #5, 2 more)');
  });

  it('has its time, and then is given back', () => {
    const drain = { turns: 1, promises: [], since: AT, until: AT + 10_000 };
    expect(drainWords(drain, AT + 1_000)).to.equal('1 turn; up to 9 s');
    expect(drainWords(drain, AT + 10_000)).to.equal('1 turn; these are given back now');
    expect(drainWords({ ...drain, turns: 0 }, AT)).to.equal('its parts to close');
  });
});
