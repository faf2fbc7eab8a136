import { expect } from 'chai';
import { makeCorrelation } from '../../../src/adapters/system/index.ts';
import type { EndedScope, WorkScope } from '../../../src/ports/index.ts';

const scope = (digit: string, name: WorkScope['name'] = 'turn'): WorkScope => ({
  name,
  correlationId: digit.repeat(32),
  spanId: digit.repeat(16),
});

describe('The correlation of running code', () => {
  it('is kept across waits, and is its own in work side by side', async () => {
    const correlation = makeCorrelation();
    const idsIn = (work: WorkScope): Promise<readonly (string | undefined)[]> =>
      correlation.run(work, async () => {
        const before = correlation.current()?.spanId;
        await new Promise((resolve) => setImmediate(resolve));
        return [before, correlation.current()?.spanId];
      });
    const [one, two] = [scope('1'), scope('2')];
    expect(await Promise.all([idsIn(one), idsIn(two)])).to.deep.equal([
      [one.spanId, one.spanId],
      [two.spanId, two.spanId],
    ]);
    expect(correlation.current()).to.equal(undefined);
  });

  it('goes back to the outer scope when the inner one ends, and is left by what outlives both', async () => {
    const correlation = makeCorrelation();
    const gate = Promise.withResolvers<void>();
    let late: Promise<WorkScope | undefined> | undefined;
    await correlation.run(scope('1'), async () => {
      await correlation.run(scope('2', 'agent'), async () => {
        late = gate.promise.then(() => correlation.current());
        expect(correlation.current()?.name).to.equal('agent');
      });
      expect(correlation.current()?.name).to.equal('turn');
    });
    gate.resolve();
    expect(await late).to.equal(undefined);
  });

  it('tells of each scope that ended whether it failed, and nobody who has left', async () => {
    const correlation = makeCorrelation();
    const ended: EndedScope[] = [];
    const leave = correlation.onEnd((each) => ended.push(each));
    await correlation.run(scope('1'), async () => undefined);
    await correlation.run(scope('2'), () => Promise.reject(new Error('no'))).catch(() => undefined);
    expect(() =>
      correlation.run(scope('3'), () => {
        throw new Error('no');
      }),
    ).to.throw('no');
    leave();
    correlation.run(scope('4'), () => 1);
    expect(ended.map(({ scope: { spanId }, isFailed }) => [spanId[0], isFailed])).to.deep.equal([
      ['1', false],
      ['2', true],
      ['3', true],
    ]);
    expect(ended.every(({ startedAt, durationMs }) => startedAt > 0 && durationMs >= 0)).to.equal(true);
  });
});
