import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makePerformanceTracker, makeReportStats } from '../../../src/application/index.ts';
import { mergeHours } from '../../../src/application/telemetry/track-performance.ts';
import type { EventOf } from '../../../src/domain/index.ts';
import { type Clock, PortError, type SketchStore } from '../../../src/ports/index.ts';
import {
  buildMeasurements,
  makeFixedClock,
  makeRecordingEvents,
  makeSeededRandomness,
  START,
  sketchesOf,
  telegramChat,
} from '../../../src/testing/index.ts';
import { settle } from '../support/harness.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const chatId = telegramChat(501);

const sent = (durationMs = 10): EventOf<'gateway-called'> => ({
  type: 'gateway-called',
  gateway: 'telegram',
  chatId,
  outcome: 'sent',
  durationMs,
});
const away = new PortError('unavailable', 'the database is away', { retryable: true });

/** One storage, and processes that measure into it. */
const stage = (through: (sketches: SketchStore) => SketchStore = (sketches) => sketches) => {
  const storage = makeMemoryStorage();
  const { stores, unitOfWork } = storage;
  const fixed = makeFixedClock();
  /** What somebody has set the clock of the machine to, and back. */
  let setBy = 0;
  const clock: Clock = { now: () => fixed.now() + setBy, after: fixed.after };
  const randomness = makeSeededRandomness(1);
  const process = (counts?: () => number) => {
    const events = makeRecordingEvents();
    const tracker = makePerformanceTracker({
      sketches: through(stores.sketches),
      unitOfWork,
      clock,
      randomness,
      events,
      readLevels: counts && (async () => [{ name: 'outbox.pending', count: counts() }]),
    });
    tracker.start();
    return { ...tracker, events };
  };
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= MINUTE) {
      fixed.advance(Math.min(left, MINUTE));
      await settle();
    }
  };
  const all = async () => (await stores.sketches.between({ after: 0, upTo: Number.MAX_SAFE_INTEGER, limit: 1_000 })).found;
  const counted = async () => (await all()).flatMap(({ sketches }) => sketches).reduce((sum, { sketch }) => sum + sketch.count, 0);
  const report = makeReportStats({ sketches: stores.sketches, now: clock.now });
  return { storage, clock, randomness, process, pass, all, counted, report, setClock: (ms: number) => (setBy += ms) };
};

describe('Tracking performance', () => {
  it('stores one row a minute, and none where nothing happened', async () => {
    const { process, pass, all } = stage();
    const { listen } = process();
    for (const ms of [10, 20, 30]) listen(sent(ms));
    await pass(59_999);
    expect(await all()).to.deep.equal([]);
    await pass(1);
    await pass(5 * MINUTE);
    expect((await all()).map(({ from, until, sketches }) => [from, until, sketches])).to.deep.equal([
      [START, START + MINUTE, sketchesOf([10, 20, 30].map((ms) => ({ kind: 'gateway', name: 'telegram', ms })))],
    ]);
  });

  it('stores how many there are of what is counted, also where nothing happened, and reports it as no duration', async () => {
    const { process, pass, all, report } = stage();
    let pending = 3;
    const tracker = process(() => pending);
    await pass(MINUTE);
    pending = 0;
    await pass(MINUTE);
    pending = 5;
    await pass(1_000);
    await tracker.stop();
    const levels = (await all()).flatMap(({ sketches }) => sketches);
    expect(levels.map(({ kind, name, sketch }) => [kind, name, sketch.count, sketch.maxMs])).to.deep.equal(
      [3, 0, 5].map((count) => ['level', 'outbox.pending', 1, count]),
    );
    expect((await report({})).rows).to.deep.equal([]);
  });

  it('stores what is left when it stops, and then no more', async () => {
    const { process, pass, counted } = stage();
    const tracker = process();
    tracker.listen(sent());
    await tracker.stop();
    expect(await counted()).to.equal(1);
    tracker.listen(sent());
    await pass(5 * MINUTE);
    expect(await counted()).to.equal(1);
  });

  it('does not keep a stop waiting for a storage that does not answer', async () => {
    const { process, pass } = stage((sketches) => ({ ...sketches, add: () => new Promise(() => undefined) }));
    const tracker = process();
    tracker.listen(sent());
    const stopped = tracker.stop().catch(({ message }: Error) => message);
    await pass(4_999);
    await pass(1);
    expect(await stopped).to.equal('what was measured last could not be stored within 5 s');
  });

  it('adds up what several processes measure in the same minute', async () => {
    const { process, pass, report } = stage();
    const processes = [process(), process(), process()];
    for (const { listen } of processes) listen(sent());
    await pass(MINUTE);
    expect((await report({})).rows.map(({ kind, name, count }) => [kind, name, count])).to.deep.equal([['gateway', 'telegram', 3]]);
  });

  it('keeps what the storage refuses, stores it later, and tells', async () => {
    let isAway = true;
    const { process, pass, counted, all } = stage((sketches) => ({
      ...sketches,
      add: (measured) => (isAway ? Promise.reject(away) : sketches.add(measured)),
    }));
    const { listen, events } = process();
    for (let minute = 0; minute < 90; minute++) {
      listen(sent());
      await pass(MINUTE);
    }
    expect(await counted()).to.equal(0);
    expect(events.of('poll-failed').map(({ loop, reason }) => [loop, reason])[0]).to.deep.equal(['stats', 'the database is away']);
    isAway = false;
    await pass(MINUTE);
    expect(await counted()).to.equal(90);
    expect((await all()).length).to.equal(2);
    expect(events.of('poll-recovered')).to.have.length(1);
  });

  it('counts once what was stored although the storage said that it was not', async () => {
    let failures = 2;
    const { process, pass, counted } = stage((sketches) => ({
      ...sketches,
      add: async (measured) => {
        await sketches.add(measured);
        if (failures-- > 0) throw away;
      },
    }));
    const { listen } = process();
    for (let minute = 0; minute < 5; minute++) {
      listen(sent());
      await pass(MINUTE);
    }
    expect(await counted()).to.equal(5);
  });

  it('merges whole hours into one row, of all processes, and keeps the last one as it is', async () => {
    const { process, pass, all, counted, report } = stage();
    const processes = [process(), process()];
    for (let minute = 0; minute < 200; minute++) {
      for (const { listen } of processes) listen(sent(minute));
      await pass(MINUTE);
    }
    await pass(2 * HOUR);
    const rows = await all();
    expect(rows.length).to.be.below(10);
    expect(await counted()).to.equal(400);
    const { rows: reported } = await report({ since: START });
    expect(reported[0]).to.include({ count: 400, minMs: 0, maxMs: 199 });
  });

  it('keeps eight days, and forgets what came from a clock that was far ahead', async () => {
    const { process, pass, setClock, all, storage } = stage();
    const { listen } = process();
    await storage.stores.sketches.add(buildMeasurements('future', { until: START + 500 * 24 * HOUR }));
    listen(sent());
    await pass(MINUTE);
    expect((await all()).map(({ until }) => until)).to.deep.equal([START + MINUTE]);
    setClock(9 * 24 * HOUR);
    await pass(2 * HOUR);
    expect(await all()).to.deep.equal([]);
  });

  it('loses and doubles nothing where the clock is set back or ahead', async () => {
    const { process, pass, setClock, counted, all } = stage();
    const { listen } = process();
    for (const jump of [0, -HOUR, 3 * HOUR, -30 * 24 * HOUR, 30 * 24 * HOUR]) {
      listen(sent());
      setClock(jump);
      await pass(MINUTE);
    }
    for (const { from, until } of await all()) expect(from).to.be.at.most(until);
    // What a clock of a month ago has measured is too old once that clock is right again.
    expect(await counted()).to.equal(4);
  });

  it('merges many rows in several units, and none of them is large', async () => {
    const { storage, randomness, counted, all } = stage();
    for (let at = 0; at < 1_200; at++) await storage.stores.sketches.add(buildMeasurements(`m${at}`, { until: START + at }));
    await mergeHours(storage.unitOfWork, randomness, START + 2 * HOUR);
    expect(await counted()).to.equal(1_200);
    expect(await all()).to.have.length(3);
  });
});

describe('Reporting stats', () => {
  it('tells of a window, of one kind or of all, the most frequent first', async () => {
    const { storage, report } = stage();
    const { sketches } = storage.stores;
    await sketches.add(buildMeasurements('old', { until: START - 25 * HOUR }));
    await sketches.add(
      buildMeasurements('new', {
        until: START,
        sketches: sketchesOf([{ kind: 'tool', name: 'look' }, { name: 'b' }, { name: 'a' }, { name: 'b', failed: true }]),
      }),
    );
    const names = async (query: Parameters<typeof report>[0]) =>
      (await report(query)).rows.map(({ kind, name, count, failures }) => [kind, name, count, failures]);
    expect(await names({})).to.deep.equal([
      ['agent', 'b', 2, 1],
      ['agent', 'a', 1, 0],
      ['tool', 'look', 1, 0],
    ]);
    expect(await names({ by: 'tool' })).to.deep.equal([['tool', 'look', 1, 0]]);
    expect(await names({ since: START - 26 * HOUR, until: START - 1 })).to.deep.equal([['agent', 'tester', 1, 0]]);
    expect(await names({ by: 'model' })).to.deep.equal([]);
  });

  it('reads on where one look does not take in all', async () => {
    const { storage, report } = stage();
    for (let at = 0; at < 2_500; at++) await storage.stores.sketches.add(buildMeasurements(`m${at}`, { until: START + at }));
    expect((await report({ since: 0, until: START + HOUR })).rows.map(({ count }) => count)).to.deep.equal([2_500]);
  });
});
