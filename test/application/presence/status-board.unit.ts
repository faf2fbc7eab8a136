import { strict as assert } from 'node:assert';
import { makeMemoryChangeFeed, makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeSendLimiter } from '../../../src/application/outbox/send-limiter.ts';
import { makeStatusBoard } from '../../../src/application/presence/status-board.ts';
import type { OutboxItem } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import {
  makeFixedClock,
  makeRecordingEvents,
  makeRecordingGateway,
  makeSeededRandomness,
  telegramChat,
} from '../../../src/testing/index.ts';
import { settle } from '../support/harness.ts';

const OPERATOR = telegramChat(501);

/** The chat of an operator, and the processes that lead one after the other. */
const stage = () => {
  const clock = makeFixedClock();
  const changes = makeMemoryChangeFeed(clock.after);
  const { stores, unitOfWork, state } = makeMemoryStorage({ changes });
  const gateway = makeRecordingGateway();
  const recorded = makeRecordingEvents();
  const { events } = recorded;
  const now = { line: 'healthy' };
  const begin = () => {
    const board = makeStatusBoard({
      chatId: OPERATOR,
      statusLine: async () => now.line,
      state: state('status-board'),
      outbox: stores.outbox,
      unitOfWork,
      gateways: [gateway],
      limiter: makeSendLimiter({ state, clock, events: recorded }),
      changes,
      clock,
      randomness: makeSeededRandomness(1),
      events: recorded,
      timeZone: 'UTC',
    });
    board.start();
    return board;
  };
  const pass = async (ms = 2_000): Promise<void> => {
    await settle();
    clock.advance(ms);
    await settle();
  };
  const items = async (): Promise<readonly OutboxItem[]> => {
    const found = await Promise.all([1, 2, 3].map((number) => stores.outbox.named(`status:${OPERATOR}:${number}`)));
    return found.flatMap((item) => item ?? []);
  };
  /** As the outbox does it. */
  const deliver = async (): Promise<void> => {
    for (const item of await items())
      if (item.status === 'pending') await stores.outbox.markSent(item.id, await gateway.send(item), clock.now());
    await pass();
  };
  const screen = () => gateway.onScreen(OPERATOR).map(({ text }) => text.split('\n')[0]);
  return { clock, gateway, events, now, begin, pass, items, deliver, screen };
};

describe('The pinned status of an operator', () => {
  it('is there once somebody has asked, pinned once, and brought up to date once a minute', async () => {
    const { begin, pass, deliver, screen, now, gateway, items } = stage();
    const board = begin();
    await pass(120_000);
    assert.deepEqual(await items(), [], 'nobody has asked yet');
    await board.ask();
    await pass();
    await deliver();
    assert.deepEqual(screen(), ['Kept is healthy']);
    now.line = 'degraded';
    await pass(30_000);
    assert.deepEqual(screen(), ['Kept is healthy']);
    await pass(30_000);
    assert.deepEqual(screen(), ['Kept is degraded']);
    await board.ask();
    await pass(60_000);
    assert.equal(gateway.sent.length, 1, 'asked again, it is the same one');
    assert.equal(gateway.pins.length, 1);
    await board.stop();
  });

  it('goes on as the same message in the next process, also after one that died before it was pinned', async () => {
    const { begin, pass, deliver, screen, now, gateway } = stage();
    const first = begin();
    await first.ask();
    await pass();
    await first.stop();
    await deliver();
    now.line = 'degraded';
    begin();
    await pass(60_000);
    assert.deepEqual(screen(), ['Kept is degraded']);
    assert.equal(gateway.pins.length, 1);
    begin();
    await pass(120_000);
    assert.equal(gateway.sent.length, 1);
    assert.equal(gateway.pins.length, 1);
  });

  it('is followed by another where somebody has deleted it', async () => {
    const { begin, pass, deliver, gateway } = stage();
    const board = begin();
    await board.ask();
    await pass();
    await deliver();
    gateway.refuseNext('edit', new PortError('not-found', 'no such message', { retryable: false }));
    await pass(60_000);
    await deliver();
    assert.equal(gateway.sent.length, 2);
    assert.equal(gateway.pins.at(-1)?.messageId, gateway.sent.at(-1)?.messageId);
    await board.stop();
  });

  it('is kept up to date where it may not be pinned, and that is told once', async () => {
    const { begin, pass, deliver, screen, now, gateway, events } = stage();
    gateway.pin = async () => false;
    const board = begin();
    await board.ask();
    await pass();
    await deliver();
    now.line = 'degraded';
    await pass(60_000);
    await pass(60_000);
    assert.deepEqual(screen(), ['Kept is degraded']);
    assert.equal(events.filter(({ type }) => type === 'status-not-pinned').length, 1);
    await board.stop();
  });

  it('is kept up to date where pinning fails, for good or for now', async () => {
    for (const [retryable, told] of [
      [false, 1],
      [true, 0],
    ] as const) {
      const { begin, pass, deliver, screen, now, gateway, events } = stage();
      gateway.pin = async () => {
        throw new PortError('unavailable', 'not now', { retryable });
      };
      const board = begin();
      await board.ask();
      await pass();
      await deliver();
      now.line = 'degraded';
      await pass(60_000);
      assert.deepEqual(screen(), ['Kept is degraded']);
      await pass(60_000);
      assert.equal(events.filter(({ type }) => type === 'status-not-pinned').length, told);
      await board.stop();
    }
  });

  it('is nowhere that its gateway can not edit', async () => {
    const { begin, pass, gateway, items } = stage();
    Object.assign(gateway, { edit: undefined });
    const board = begin();
    assert.equal(board.isIn(OPERATOR), false);
    await board.ask();
    await pass(600_000);
    assert.deepEqual(await items(), []);
    await board.stop();
  });

  it('waits as long as the platform asks it to', async () => {
    const { begin, pass, deliver, screen, now, gateway } = stage();
    const board = begin();
    await board.ask();
    await pass();
    await deliver();
    now.line = 'degraded';
    gateway.refuseNext('edit', new PortError('rate-limited', 'wait', { retryable: true, retryAfterMs: 300_000 }));
    await pass(60_000);
    const edits = gateway.edits.length;
    await pass(200_000);
    assert.equal(gateway.edits.length, edits);
    await pass(120_000);
    assert.deepEqual(screen(), ['Kept is degraded']);
    await board.stop();
  });
});
