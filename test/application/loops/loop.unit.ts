import { expect } from 'chai';
import { makeMemoryChangeFeed } from '../../../src/adapters/memory/index.ts';
import { makeLoop } from '../../../src/application/loops/loop.ts';
import { present } from '../../../src/domain/shared/present.ts';
import { makeFixedClock, makeRecordingLogger, START } from '../../../src/testing/index.ts';
import { logged } from '../../support/logged.ts';
import { makeGate } from '../support/gate.ts';
import { settle } from '../support/harness.ts';

const stage = (look: (n: number) => Promise<number | undefined>, intervalMs?: number) => {
  const clock = makeFixedClock();
  const logger = makeRecordingLogger();
  const changes = makeMemoryChangeFeed(makeFixedClock().after);
  let looks = 0;
  const loop = makeLoop({
    name: 'test',
    clock,
    changes,
    events: logged(logger, clock),
    poll: () => look(++looks),
    ...present({ intervalMs }),
  });
  return { clock, logger, changes, loop, looks: () => looks };
};

describe('a loop', () => {
  it('polls when the loop starts, and at every change', async () => {
    const { loop, changes, looks } = stage(async () => undefined);
    loop.wake();
    await settle();
    expect(looks()).to.equal(0);
    loop.start();
    await settle();
    expect(looks()).to.equal(1);
    changes.changed();
    await settle();
    expect(looks()).to.equal(2);
  });

  it('polls once more after any number of wakes during a poll', async () => {
    const gate = makeGate<number>();
    const { loop, looks } = stage(async (n) => {
      await gate.hold(n);
      return undefined;
    });
    loop.start();
    await settle();
    for (let i = 0; i < 10; i++) loop.wake();
    await settle();
    expect(looks()).to.equal(1);
    gate.release(1);
    await settle();
    expect(gate.held).to.deep.equal([2]);
    gate.release(2);
    await settle();
    expect(looks()).to.equal(2);
  });

  it('polls again at the due time of the newest poll', async () => {
    const { loop, clock, looks } = stage(async (n) => START + (n === 1 ? 500 : 1_000));
    loop.start();
    await settle();
    loop.wake();
    await settle();
    expect(looks()).to.equal(2);
    expect(clock.timers).to.equal(1);
    clock.advance(999);
    await settle();
    expect(looks()).to.equal(2);
    clock.advance(1);
    await settle();
    expect(looks()).to.equal(3);
  });

  it('reports a poll that fails, and polls again at the next change', async () => {
    const { loop, changes, logger, looks } = stage((n) => (n === 1 ? Promise.reject(new Error('disk gone')) : Promise.resolve(undefined)));
    loop.start();
    await settle();
    expect(logger.lines).to.have.length(1);
    expect(logger.lines[0]?.fields).to.include({ reason: 'disk gone' });
    for (let i = 0; i < 3; i++) {
      changes.changed();
      await settle();
    }
    expect(looks()).to.equal(4);
    expect(logger.lines.map(({ level, message }) => [level, message])).to.deep.equal([
      ['error', 'polling failed; it is tried again at the next change'],
      ['info', 'polling recovered'],
    ]);
  });

  it('reports polls that keep failing once in ten seconds, with their number', async () => {
    let away = true;
    const { loop, clock, changes, logger } = stage(() => (away ? Promise.reject(new Error('away')) : Promise.resolve(undefined)));
    loop.start();
    for (let second = 0; second < 25; second++) {
      await settle();
      clock.advance(1_000);
      changes.changed();
    }
    await settle();
    away = false;
    changes.changed();
    await settle();
    expect(logger.lines.map(({ level, fields }) => [level, fields.failures])).to.deep.equal([
      ['error', 1],
      ['error', 11],
      ['error', 21],
      ['info', 26],
    ]);
  });

  it('does not count a skipped poll of a paced loop as a success', async () => {
    const { loop, clock, changes, logger, looks } = stage(
      (n) => (n < 3 ? Promise.reject(new Error('away')) : Promise.resolve(undefined)),
      60_000,
    );
    loop.start();
    for (let second = 0; second < 125; second++) {
      await settle();
      clock.advance(1_000);
      changes.changed();
    }
    expect(looks()).to.equal(3);
    expect(logger.lines.map(({ level, fields }) => [level, fields.failures])).to.deep.equal([
      ['error', 1],
      ['error', 2],
      ['info', 2],
    ]);
  });

  it('stop waits for the poll under way, and no poll begins after it', async () => {
    const gate = makeGate<number>();
    const { loop, changes, clock, looks } = stage(async (n) => {
      await gate.hold(n);
      return START + 100;
    });
    loop.start();
    await settle();
    loop.wake();
    let stopped = false;
    const stopping = loop.stop().then(() => {
      stopped = true;
    });
    await settle();
    expect(stopped).to.equal(false);
    gate.release(1);
    await stopping;
    loop.wake();
    changes.changed();
    clock.advance(10_000);
    await settle();
    expect(looks()).to.equal(1);
    expect(clock.timers).to.equal(0);
  });
});
