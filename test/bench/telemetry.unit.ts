import { join } from 'node:path';
import { expect } from 'chai';
import { ratioOf, ratioWords, verdictOf } from '../../bench/in-turns.ts';
import { openEmbedded } from '../../bench/promises/kept.ts';
import { watched } from '../../bench/watching.ts';
import { takeDirectory } from '../support/own-directory.ts';

describe('bench/telemetry', () => {
  it('stores stats, reads metrics from all sources, reads the rules and gives a sign of life, when it is called', async function () {
    this.timeout(10_000);
    const dir = takeDirectory('bench');
    const engine = await openEmbedded(join(dir, 'kept.db'));
    try {
      const { events, upkeep, metrics, stop } = await watched(engine, dir, 'all');
      const { stores, state } = engine.storage;
      const measured = async () => (await stores.sketches.between({ after: 0, upTo: Date.now() + 1_000, limit: 10 })).found.length;
      const seen = async () => [
        await measured(),
        (await state('alerts').list('')).size > 0,
        (await stores.processes.list({ limit: 10 })).length,
      ];
      expect(await seen()).to.deep.equal([0, false, 0]);
      for (const round of [1, 2]) {
        events.emit({ type: 'commit-ended', what: 'turn', outcome: 'stored', durationMs: 7 });
        expect(await measured(), 'by itself').to.equal(round - 1);
        for (const { run } of upkeep) await run();
        expect(await measured(), 'stored').to.equal(round);
      }
      expect(await seen()).to.deep.equal([2, true, 1]);
      const { text } = await metrics.read();
      const sources = [...text.matchAll(/^kept_metrics_source_up\{source="([^"]+)"\} (\d)$/gm)].map(([, name, up]) => `${name} ${up}`);
      expect(sources.toSorted()).to.deep.equal([
        'alerts 1',
        'backups 1',
        'budgets 1',
        'checks 1',
        'disk 1',
        'flood waits 1',
        'outbox 1',
        'process 1',
        'processes 1',
        'promises 1',
        'webhooks 1',
      ]);
      await stop();
    } finally {
      await engine.close();
    }
  });
});

describe('A ratio of rounds', () => {
  const ones = (count: number): readonly number[] => Array.from({ length: count }, () => 1);

  it('has an interval that lies as the rounds do, not the same to either side', () => {
    expect(ratioWords(ratioOf([0.98, 1, 1.09, 1.1, 1.2, 1.31], ones(6)))).to.equal('1.090 (0.980–1.310)');
    const of100 = ratioOf(
      Array.from({ length: 101 }, (_, at) => 1 + at / 100),
      ones(101),
    );
    // By ranks 41 and 61 of 101, it holds the median 95 of 100 times.
    expect([of100.low, of100.ratio, of100.high]).to.deep.equal([1.4, 1.5, 1.6]);
  });

  it('is refused of so few rounds that nothing can be said', () => {
    expect(() => ratioOf(ones(5), ones(5))).to.throw('5 rounds are too few: at least 6 are needed');
  });

  it('meets a bar where the whole interval does, misses it where none of it does, and else leaves it open', () => {
    expect(verdictOf({ ratio: 1.01, low: 0.99, high: 1.03 }, 1.03)).to.equal('met');
    expect(verdictOf({ ratio: 1.05, low: 1.031, high: 1.07 }, 1.03)).to.equal('not met');
    expect(verdictOf({ ratio: 1.01, low: 0.9, high: 1.031 }, 1.03)).to.equal('not decided');
  });
});
