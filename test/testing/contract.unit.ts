import { expect } from 'chai';
import { type Contract, runContract } from '../../src/testing/index.ts';

/** A runner that collects tests instead of running them. */
const makeCollector = () => {
  const tests = new Map<string, () => Promise<void>>();
  let suite = '';
  return {
    tests,
    describe: (title: string, body: () => void) => {
      suite = title;
      body();
    },
    it: (title: string, body: () => Promise<void>) => {
      tests.set(`${suite} | ${title}`, body);
    },
  };
};

/** Obligations of a counter: one that it meets, one that it doesn't. */
const counterContract: Contract<{ count: number }> = {
  'begins at 0': async (counter) => {
    expect(counter.count++).to.equal(0);
  },
  'begins at 1': async (counter) => {
    expect(counter.count).to.equal(1);
  },
};

describe('a contract that is run', () => {
  const run = () => {
    const collector = makeCollector();
    const calls: string[] = [];
    runContract(collector, 'a counter', counterContract, () => {
      calls.push('open');
      return { subject: { count: 0 }, close: () => void calls.push('close') };
    });
    return { ...collector, calls };
  };

  it('registers one test for each obligation, and opens nothing before they run', () => {
    const { tests, calls } = run();
    expect([...tests.keys()]).to.deep.equal(['a counter | begins at 0', 'a counter | begins at 1']);
    expect(calls).to.deep.equal([]);
  });

  it('gives every check a fresh subject, and ends it', async () => {
    const { tests, calls } = run();
    const check = tests.get('a counter | begins at 0');
    await check?.();
    await check?.();
    expect(calls).to.deep.equal(['open', 'close', 'open', 'close']);
  });

  it('fails where an obligation is not met, and ends the subject all the same', async () => {
    const { tests, calls } = run();
    const failure = await tests
      .get('a counter | begins at 1')?.()
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(failure).to.be.instanceOf(Error).with.property('message', 'expected +0 to equal 1');
    expect(calls).to.deep.equal(['open', 'close']);
  });
});
