import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeReportSeries, stepsOver } from '../../../src/application/telemetry/report-series.ts';
import { mergeHours } from '../../../src/application/telemetry/track-performance.ts';
import { moneyOf, NO_USAGE } from '../../../src/domain/index.ts';
import type { SketchStore } from '../../../src/ports/index.ts';
import { buildMeasurements, makeSeededRandomness, START, telegramChat } from '../../../src/testing/index.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const hour = Math.floor(START / HOUR) * HOUR;
const now = hour + 25 * MINUTE;

const stage = () => {
  const { stores, unitOfWork } = makeMemoryStorage();
  let at = now;
  let reads = 0;
  const sketches: SketchStore = {
    ...stores.sketches,
    between: (query) => {
      reads++;
      return stores.sketches.between(query);
    },
  };
  const report = makeReportSeries({ sketches, ledger: stores.ledger, now: () => at });
  const spend = (at: number, cost: number) =>
    stores.ledger.add([
      {
        id: `at ${at}`,
        at,
        on: 'model',
        name: 'scripted',
        chatId: telegramChat(1),
        agent: 'tester',
        usage: NO_USAGE,
        cost: moneyOf(cost),
      },
    ]);
  return { ...stores, unitOfWork, report, spend, reads: () => reads, pass: (ms: number) => (at += ms) };
};

describe('Reporting how things went over time', () => {
  it('has a step for each minute of the last hour, and for each hour of longer spans, at most 200', () => {
    expect(stepsOver(now - HOUR, now)).to.deep.equal({ from: now - HOUR, stepMs: MINUTE, count: 61 });
    expect(stepsOver(hour - HOUR, now).stepMs).to.equal(MINUTE);
    expect(stepsOver(hour - HOUR - 1, now).stepMs).to.equal(HOUR);
    expect(stepsOver(now - DAY, now)).to.deep.equal({ from: hour - DAY, stepMs: HOUR, count: 25 });
    expect(stepsOver(now - 8 * DAY, now).count).to.equal(193);
  });

  it('tells the same of minutes that were merged into hours', async () => {
    const { sketches, unitOfWork, report, pass } = stage();
    for (let minute = 1; minute <= 5 * 60; minute++) {
      const until = hour - 5 * HOUR + minute * MINUTE - 1;
      await sketches.add(buildMeasurements(`minute ${minute}`, { until }));
    }
    const counts = async () => (await report({ since: now - DAY })).kinds.map((each) => each.counts.slice(-7));
    expect(await counts()).to.deep.equal([[0, 60, 60, 60, 60, 60, 0]]);
    pass(1_000);
    await mergeHours(unitOfWork, makeSeededRandomness(1), hour - HOUR);
    expect(await counts()).to.deep.equal([[0, 60, 60, 60, 60, 60, 0]]);
  });

  it('tells what calls cost in the step in which they began', async () => {
    const { report, spend } = stage();
    await spend(now - DAY - HOUR, 1);
    await spend(hour - HOUR, 20);
    await spend(hour - 1, 30);
    await spend(now, 4);
    const { costs, calls, since } = await report({});
    expect(since).to.equal(hour - DAY);
    expect(costs.slice(-3)).to.deep.equal([undefined, 50, 4]);
    expect(calls.slice(-3)).to.deep.equal([0, 2, 1]);
    expect(costs).to.have.length(25);
  });

  it('is read once within a second, however many ask, and anew after that', async () => {
    const { report, reads, pass } = stage();
    await Promise.all([report({}), report({ since: now - DAY }), report({ since: now - DAY + 1 })]);
    expect(reads()).to.equal(1);
    await report({ since: now - HOUR });
    expect(reads()).to.equal(2);
    pass(1_000);
    await report({});
    expect(reads()).to.equal(3);
  });

  it('goes back no further than measurements are kept', async () => {
    expect((await stage().report({ since: 0 })).costs).to.have.length(193);
  });
});
