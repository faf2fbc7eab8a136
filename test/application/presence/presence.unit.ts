import { expect } from 'chai';
import { makeSendLimiter } from '../../../src/application/outbox/send-limiter.ts';
import { makePresence } from '../../../src/application/presence/presence.ts';
import { type GatewayLimits, PortError } from '../../../src/ports/index.ts';
import {
  buildMessage,
  buildOutboxDraft,
  GROUP,
  makeRecordingGateway,
  makeRecordingLogger,
  telegramChat,
  telegramMessage,
} from '../../../src/testing/index.ts';
import { logged } from '../../support/logged.ts';
import { advance, makeWorld, settle } from '../support/harness.ts';

const chat = telegramChat(501);
const turn = { chatId: chat, chatKind: 'direct' as const, replyTo: telegramMessage(1), deliveryKey: '77' };
const flood = new PortError('rate-limited', 'FLOOD_WAIT_60', { retryable: true, retryAfterMs: 60_000 });

const stage = (draftIntervalMs = 3_000, limits: Partial<GatewayLimits> = {}) => {
  const world = makeWorld();
  const { clock, storage } = world;
  const logger = makeRecordingLogger();
  const gateway = makeRecordingGateway({ limits: { draftIntervalMs, ...limits } });
  const schedule = makeSendLimiter({ state: storage.state, clock, events: logged(logger) });
  const presence = makePresence({ gateways: [gateway], limiter: schedule, outbox: storage.stores.outbox, clock, events: logged(logger) });
  return { world, clock, logger, gateway, schedule, presence, storage, texts: () => gateway.drafts.map(({ text }) => text) };
};

describe('presence', () => {
  it('rule 8: a message is acknowledged', async () => {
    const { presence, gateway } = stage();
    presence.acknowledge(buildMessage({ messageId: telegramMessage(7) }));
    await settle();
    expect(gateway.acknowledged).to.deep.equal([{ chatId: chat, messageId: telegramMessage(7) }]);
  });

  it('rule 8: typing is shown while a turn runs, every five seconds, and not after', async () => {
    const { presence, gateway, world, clock } = stage();
    const shown = presence.begin(turn);
    await settle();
    expect(gateway.typing).to.have.length(1);
    await advance(world, 4_999, 1_000);
    expect(gateway.typing).to.have.length(1);
    await advance(world, 10_001, 1_000);
    expect(gateway.typing).to.deep.equal([chat, chat, chat, chat]);
    shown.end();
    await advance(world, 20_000);
    expect(gateway.typing).to.have.length(4);
    expect(clock.timers).to.equal(0);
  });

  it('rule 8: a growing answer is shown after 1.5 s, then its newest text every three seconds at the most', async () => {
    const { presence, gateway, world, texts } = stage();
    const shown = presence.begin(turn);
    let asked = 0;
    for (let length = 1; length <= 100; length++) {
      shown.draft(() => {
        asked++;
        return 'x'.repeat(length);
      });
      await advance(world, 100, 100);
    }
    expect(asked, 'what is not shown is not put together').to.equal(3);
    expect(texts().map(({ length }) => length)).to.deep.equal([15, 45, 75]);
    expect(gateway.drafts[0]).to.deep.equal({ chatId: chat, text: 'x'.repeat(15), replyTo: telegramMessage(1), deliveryKey: '77' });
    shown.end();
    await advance(world, 10_000);
    expect(texts()).to.have.length(3);
  });

  it('a short answer is never shown before it is done', async () => {
    const { presence, world, texts, clock } = stage();
    const shown = presence.begin(turn);
    shown.draft(() => 'It leaves at 9:41.');
    await advance(world, 1_499, 500);
    shown.end();
    shown.draft(() => 'It leaves at 9:41, late');
    expect(clock.timers).to.equal(0);
    await advance(world, 10_000);
    expect(texts()).to.deep.equal([]);
  });

  it('a text that grows no more is shown once', async () => {
    const { presence, world, texts } = stage();
    const shown = presence.begin(turn);
    shown.draft(() => 'It leaves');
    await advance(world, 20_000, 500);
    expect(texts()).to.deep.equal(['It leaves']);
    shown.end();
  });

  it('without an interval it is shown at once, and again when it begins anew', async () => {
    const { presence, texts } = stage(0);
    const shown = presence.begin(turn);
    for (const text of ['It', 'It leaves', '', 'At']) {
      shown.draft(() => text);
      await settle();
    }
    expect(texts()).to.deep.equal(['It', 'It leaves', '', 'At']);
    shown.end();
  });

  it('one draft at a time: what grew meanwhile is shown when the one before is done', async () => {
    const { world, storage, clock, logger, schedule } = stage();
    const calls: string[] = [];
    const gates: (() => void)[] = [];
    const slow = {
      ...makeRecordingGateway(),
      showDraft: ({ text }: { text: string }) => {
        calls.push(text);
        return new Promise<void>((resolve) => gates.push(resolve));
      },
    };
    const presence = makePresence({ gateways: [slow], limiter: schedule, outbox: storage.stores.outbox, clock, events: logged(logger) });
    const shown = presence.begin(turn);
    for (const text of ['a', 'ab', 'abc']) {
      shown.draft(() => text);
      await settle();
    }
    expect(calls).to.deep.equal(['a']);
    gates[0]?.();
    await settle();
    expect(calls).to.deep.equal(['a', 'abc']);
    shown.draft(() => 'abcd');
    shown.end();
    gates[1]?.();
    await advance(world, 5_000);
    expect(calls).to.deep.equal(['a', 'abc']);
  });

  it('under a penalty of the answers nothing is shown, and nothing is kept for later', async () => {
    const { presence, gateway, schedule, world, texts } = stage(0);
    await schedule.recordRateLimit(gateway, 'answers', chat, flood);
    presence.acknowledge(buildMessage());
    const shown = presence.begin(turn);
    shown.draft(() => 'It lea');
    await advance(world, 59_000, 1_000);
    expect([gateway.acknowledged, gateway.typing, texts()]).to.deep.equal([[], [], []]);
    await advance(world, 1_000);
    expect(texts()).to.deep.equal([]);
    shown.draft(() => 'It leaves');
    await settle();
    expect(texts()).to.deep.equal(['It leaves']);
    shown.end();
  });

  it('a draft that is refused stops drafts and typing for as long as asked, and never the answers', async () => {
    const { presence, gateway, schedule, world, texts, logger } = stage(0);
    gateway.refuseNext('showDraft', flood);
    const shown = presence.begin(turn);
    await settle();
    shown.draft(() => 'It');
    await settle();
    shown.draft(() => 'It leaves');
    await advance(world, 59_000, 1_000);
    expect(texts()).to.deep.equal(['It']);
    expect(gateway.typing).to.have.length(1);
    expect(await schedule.tryAcquire(gateway, 'answers', chat)).to.equal(undefined);
    shown.end();
    expect(logger.lines.map(({ level }) => level)).to.deep.equal(['debug', 'warn']);
  });

  it('what else fails is logged at debug, and tried again when there is something new', async () => {
    const { presence, gateway, texts, logger } = stage(0);
    gateway.refuseNext('showDraft', new PortError('unavailable', 'down', { retryable: true }));
    gateway.refuseNext('showTyping', new TypeError('no function'));
    const shown = presence.begin(turn);
    shown.draft(() => 'It');
    await settle();
    shown.draft(() => 'It leaves');
    await settle();
    expect(texts()).to.deep.equal(['It', 'It leaves']);
    expect(logger.lines.map(({ level }) => level)).to.deep.equal(['debug', 'debug']);
    shown.end();
  });

  it('an answer that still waits to be sent is not overtaken by the draft of the next', async () => {
    const { presence, storage, texts } = stage(0);
    await storage.stores.outbox.add(buildOutboxDraft());
    const shown = presence.begin(turn);
    shown.draft(() => 'It');
    await settle();
    expect(texts()).to.deep.equal([]);
    const [item] = await storage.stores.outbox.due(Number.MAX_SAFE_INTEGER, 1);
    if (item) await storage.stores.outbox.markSent(item.id, telegramMessage(9), item.createdAt);
    shown.draft(() => 'It leaves');
    await settle();
    expect(texts()).to.deep.equal(['It leaves']);
    shown.end();
  });

  it('a group where answers are shown only when they are whole sees no draft; a direct chat does', async () => {
    const { presence, texts } = stage(0, { draftsInGroups: false });
    for (const [chatId, chatKind, text] of [
      [GROUP, 'group', 'in the group'],
      [chat, 'direct', 'in private'],
    ] as const) {
      const shown = presence.begin({ ...turn, chatId, chatKind });
      shown.draft(() => text);
      await settle();
      shown.end();
    }
    expect(texts()).to.deep.equal(['in private']);
  });
});
