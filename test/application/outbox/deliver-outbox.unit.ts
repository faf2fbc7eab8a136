import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { type ChatId, localChatId, MAX_OUTBOX_AGE_MS, type OutboxId, type PromiseId } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import {
  buildOutboxDraft,
  makeRecordingGateway,
  START,
  telegramChat,
  telegramMessage,
  telegramUser,
  undelivered,
} from '../../../src/testing/index.ts';
import { makeLifetime } from '../crashes/process-lifetime.ts';
import { makeGate } from '../support/gate.ts';
import { advance, makeProcess, makeWorld, type ProcessOptions, settle } from '../support/harness.ts';

const HOUR = 3_600_000;
const origin = {
  chatId: telegramChat(501),
  chatKind: 'direct' as const,
  messageId: telegramMessage(1),
  requestedBy: { id: telegramUser(501) },
};

const stage = async (drafts: readonly (readonly [chat: number, text: string])[], options: ProcessOptions = {}) => {
  const world = makeWorld();
  const { outbox } = world.storage.stores;
  const add = (chat: number, text: string) =>
    outbox.add(
      buildOutboxDraft({
        chatId: telegramChat(chat),
        text,
        dedupeKey: `turn:${text}`,
        deliveryKey: world.randomness.id(),
        createdAt: world.clock.now(),
      }),
    );
  for (const [chat, text] of drafts) await add(chat, text);
  const process = makeProcess(world, options);
  process.deliverer.start();
  await settle();
  const texts = (of: readonly { text: string }[] = world.gateway.sent) => of.map(({ text }) => text);
  const item = (n: number) => outbox.get(n as OutboxId);
  return { world, process, add, texts, item, ...world };
};

describe('delivering the outbox', () => {
  it('sends everything, and records what each became', async () => {
    const { texts, item, gateway } = await stage([
      [501, 'a'],
      [502, 'b'],
    ]);
    expect(texts()).to.deep.equal(['a', 'b']);
    expect(await item(1)).to.deep.include({ status: 'sent', sentMessageId: gateway.sent[0]?.messageId, sentAt: START, attempts: 0 });
  });

  it('rule 7: messages of a chat never overtake each other, whatever fails; other chats go on', async () => {
    const world = await stage([]);
    world.gateway.failNext(3, 'before');
    for (const text of ['a', 'b', 'c']) await world.add(501, text);
    await settle();
    await world.add(502, 'x');
    await advance(world, 400, 100);
    expect(world.texts()).to.deep.equal([]);
    await advance(world, 30_000, 100);
    expect(world.texts().filter((text) => text !== 'x')).to.deep.equal(['a', 'b', 'c']);
    expect(world.texts()).to.include('x');
  });

  it('chats are sent to side by side, no more than allowed, one message at a time in each', async () => {
    const gate = makeGate<string>();
    const gateway = {
      ...makeRecordingGateway(),
      send: (message: { text: string }) => gate.hold(message.text).then(() => telegramMessage(9)),
    };
    await stage(
      ['a1', 'a2', 'b1', 'c1'].map((text) => [500 + text.charCodeAt(0), text] as const),
      { gateways: [gateway], maxChats: 2 },
    );
    expect(gate.held).to.deep.equal(['a1', 'b1']);
    gate.release('a1');
    await settle();
    expect(gate.held).to.have.length(2);
    gate.release('b1');
    await settle();
    expect(gate.held.toSorted()).to.deep.equal(['a2', 'c1']);
  });

  it('invariant 2: a send that was accepted and then failed is repeated with its random id, and arrives once', async () => {
    const world = await stage([]);
    world.gateway.failNext(4, 'after');
    await world.add(501, 'a');
    await advance(world, 60_000, 500);
    expect(world.texts()).to.deep.equal(['a']);
    expect(world.gateway.attempts).to.have.length(5);
    expect(new Set(world.gateway.attempts.map(({ deliveryKey: randomId }) => randomId)).size).to.equal(1);
    expect(await world.item(1)).to.include({ status: 'sent', attempts: 4 });
  });

  it('waits half a second, a second, two … between sends, to a minute at the most', async () => {
    const world = await stage([]);
    world.gateway.failNext(10, 'before');
    await world.add(501, 'a');
    const waits: number[] = [];
    for (let i = 0; i < 10; i++) {
      await settle();
      const due = await world.item(1);
      waits.push((due as { dueAt: number }).dueAt - world.clock.now());
      await advance(world, waits.at(-1) ?? 0, 60_000);
    }
    expect(waits).to.deep.equal([500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(world.texts()).to.deep.equal(['a']);
  });

  it('leaves the other side alone for as long as it asked', async () => {
    const world = await stage([]);
    world.gateway.failNext(1, 'before', new PortError('rate-limited', 'flood', { retryable: true, retryAfterMs: 42_000 }));
    await world.add(501, 'a');
    await advance(world, 41_999);
    expect(world.gateway.attempts).to.have.length(1);
    await advance(world, 1);
    expect(world.texts()).to.deep.equal(['a']);
  });

  const flood = (seconds: number, scope?: 'chat') =>
    new PortError('rate-limited', 'flood', { retryable: true, retryAfterMs: seconds * 1_000, ...(scope ? { scope } : {}) });

  it('a flood wait holds every chat of its gateway, for as long as it was asked and not longer; other gateways go on', async () => {
    const local = makeRecordingGateway({ name: 'local' });
    const world = makeWorld();
    const process = makeProcess(world, { gateways: [local, world.gateway], maxChats: 2 });
    const add = (chatId: ChatId) => world.storage.stores.outbox.add(buildOutboxDraft({ chatId, dedupeKey: chatId, deliveryKey: chatId }));
    world.gateway.failNext(1, 'before', flood(42));
    await add(telegramChat(501));
    process.deliverer.start();
    await settle();
    for (let chat = 502; chat < 560; chat++) await add(telegramChat(chat));
    await add(localChatId(2_000));
    await advance(world, 41_999, 1_000);
    expect(local.sent).to.have.length(1);
    expect(world.gateway.attempts).to.have.length(1);
    await advance(world, 1);
    await advance(world, 1_000, 10);
    expect(world.gateway.sent).to.have.length(59);
    expect(await world.storage.stores.outbox.get(1 as OutboxId)).to.include({ status: 'sent', attempts: 0 });
  });

  it('a process that dies during a flood wait: the next one waits for its end too', async () => {
    const world = await stage([]);
    world.gateway.failNext(1, 'before', flood(42));
    await world.add(501, 'a');
    await settle();
    world.process.life.end();
    makeProcess(world).deliverer.start();
    await advance(world, 41_999, 1_000);
    expect(world.gateway.attempts).to.have.length(1);
    await advance(world, 1);
    expect(world.texts()).to.deep.equal(['a']);
  });

  it('a slow mode holds its chat alone', async () => {
    const world = await stage([]);
    world.gateway.failNext(1, 'before', flood(30, 'chat'));
    for (const [chat, text] of [
      [501, 'a'],
      [501, 'b'],
      [502, 'x'],
    ] as const)
      await world.add(chat, text);
    await advance(world, 29_999, 1_000);
    expect(world.texts()).to.deep.equal(['x']);
    await advance(world, 1);
    expect(world.texts()).to.deep.equal(['x', 'a', 'b']);
  });

  it('invariant 1: what was only ever refused by flood waits is sent, however many days they last', async () => {
    const world = await stage([]);
    world.gateway.failNext(3, 'before', flood(20 * 3_600));
    await world.add(501, 'a');
    await advance(world, 61 * HOUR, HOUR / 2);
    expect(world.texts()).to.deep.equal(['a']);
  });

  it('a chat that is refused again and again does not keep the others from being served', async () => {
    const gateway = makeRecordingGateway();
    const refusing = {
      ...gateway,
      send: async (message: Parameters<typeof gateway.send>[0]) => {
        if (message.chatId === telegramChat(501)) throw flood(30);
        return gateway.send(message);
      },
    };
    const world = await stage([[501, 'poison']], { gateways: [refusing], maxChats: 1 });
    for (let chat = 502; chat < 512; chat++) await world.add(chat, `${chat}`);
    await advance(world, 10 * 60_000, 1_000);
    expect(gateway.sent).to.have.length(10);
    expect(await world.item(1)).to.include({ status: 'pending' });
  });

  it('no faster than the gateway can take it: one a second to a chat, others meanwhile', async () => {
    const gateway = makeRecordingGateway({ limits: { draftIntervalMs: 0, sendsPerSecond: 30, chatIntervalMs: 1_000 } });
    const world = await stage(
      [
        [501, 'a'],
        [501, 'b'],
        [501, 'c'],
        [502, 'x'],
      ],
      { gateways: [gateway] },
    );
    expect(world.texts(gateway.sent)).to.deep.equal(['a', 'x']);
    await advance(world, 999, 100);
    expect(gateway.sent).to.have.length(2);
    await advance(world, 1);
    expect(world.texts(gateway.sent)).to.deep.equal(['a', 'x', 'b']);
    await advance(world, 1_000, 100);
    expect(world.texts(gateway.sent)).to.deep.equal(['a', 'x', 'b', 'c']);
  });

  it('a hundred chats at thirty a second are served in four seconds', async () => {
    const gateway = makeRecordingGateway({ limits: { draftIntervalMs: 0, sendsPerSecond: 30 } });
    const world = await stage(
      Array.from({ length: 100 }, (_, i) => [501 + i, `${i}`] as const),
      { gateways: [gateway], maxChats: 4 },
    );
    const counts: number[] = [];
    for (let second = 0; second < 4; second++) {
      await advance(world, 0);
      for (let i = 0; i < 40; i++) await settle();
      counts.push(gateway.sent.length);
      await advance(world, 1_000, 1_000);
    }
    expect(counts).to.deep.equal([30, 60, 90, 100]);
  });

  it('invariant 3: a refused outcome is given up, said so, and its promise stays undelivered; the next message goes', async () => {
    const world = await stage([]);
    const made = await world.process.make({ description: 'count' }, origin);
    world.gateway.failNext(1, 'before', new PortError('invalid-request', 'the chat is gone', { retryable: false }));
    world.process.worker.start();
    await settle();
    await world.add(501, 'next');
    await settle();
    expect(await world.item(1)).to.include({ status: 'failed', lastError: 'the chat is gone', failedAt: START });
    const [untold] = await undelivered(world.storage.stores.promises, 10);
    expect(untold).to.include({ id: made.ok && made.value.promise.id, status: 'completed' });
    expect(world.process.logger.lines.some(({ level, fields }) => level === 'error' && fields.reason === 'the chat is gone')).to.equal(
      true,
    );
    expect(world.texts()).to.deep.equal(['next']);
  });

  it('invariant 3: nothing is given up for wrong credentials: they can be mended', async () => {
    const world = await stage([]);
    world.gateway.failNext(20, 'before', new PortError('unauthorised', 'logged out', { retryable: false }));
    await world.add(501, 'a');
    await advance(world, HOUR, 30_000);
    expect(world.texts()).to.deep.equal(['a']);
  });

  it('is repeated for 24 hours, then given up', async () => {
    const world = await stage([]);
    world.gateway.failNext(10_000, 'before');
    await world.add(501, 'a');
    await advance(world, 23 * HOUR, 60_000);
    expect(await world.item(1)).to.include({ status: 'pending' });
    await advance(world, HOUR, 60_000);
    expect(await world.item(1)).to.include({ status: 'failed', lastError: 'the other side is down (given up after 24 hours)' });
    const attempts = world.gateway.attempts.length;
    await advance(world, HOUR, 60_000);
    expect(world.gateway.attempts).to.have.length(attempts);
  });

  it('what was sent once with unknown end, and is older than 24 hours now, is not repeated: that could double it', async () => {
    const world = await stage([]);
    world.gateway.failNext(1, 'after');
    await world.add(501, 'a');
    await settle();
    await world.process.deliverer.stop();
    await advance(world, MAX_OUTBOX_AGE_MS + 1, HOUR);
    const next = makeProcess(world);
    next.deliverer.start();
    await settle();
    expect(world.gateway.attempts).to.have.length(1);
    expect(await world.item(1)).to.include({ status: 'failed' });
  });

  it('what a process was killed in the first send of, and is older than 24 hours at the next start, is not repeated either', async () => {
    const world = makeWorld();
    const life = makeLifetime();
    const sends: string[] = [];
    const send = ({ text }: { readonly text: string }): Promise<never> => {
      sends.push(text);
      return new Promise(() => undefined);
    };
    const first = makeProcess(world, {
      life,
      gateways: [{ ...makeRecordingGateway(), send }],
    });
    await world.storage.stores.outbox.add(buildOutboxDraft());
    first.deliverer.start();
    await settle();
    expect(sends).to.have.length(1);
    life.end();
    await advance(world, 3 * MAX_OUTBOX_AGE_MS, HOUR);
    const next = makeProcess(world);
    next.deliverer.start();
    await settle();
    expect(world.gateway.attempts).to.deep.equal([]);
    expect(await world.storage.stores.outbox.get(1 as OutboxId)).to.include({
      status: 'failed',
      lastError: 'it may have arrived (given up after 24 hours)',
    });
  });

  it('what was made before the start, and is younger than 24 hours, is sent', async () => {
    const world = await stage([]);
    await world.process.deliverer.stop();
    await world.add(501, 'a');
    await advance(world, MAX_OUTBOX_AGE_MS - HOUR, HOUR);
    makeProcess(world).deliverer.start();
    await settle();
    expect(world.texts()).to.deep.equal(['a']);
  });

  it('a chat that no gateway serves waits for one', async () => {
    const world = await stage([[501, 'a']], { gateways: [makeRecordingGateway({ name: 'local' })] });
    expect(await world.item(1)).to.include({ status: 'pending', dueAt: START + 60_000 });
    await world.process.deliverer.stop();
    makeProcess(world).deliverer.start();
    await advance(world, 60_000);
    expect(world.texts()).to.deep.equal(['a']);
  });

  it('invariant 2: a process that dies between the send and its record: the next repeats it with the same random id', async () => {
    const world = makeWorld();
    const life = makeProcess(world);
    await world.storage.stores.outbox.add(buildOutboxDraft());
    const dying = makeProcess(world, {
      onUnitCall: (call) => {
        if (call === 'outbox.markSent') dying.life.end();
      },
    });
    dying.deliverer.start();
    await settle();
    expect(world.gateway.sent).to.have.length(1);
    life.deliverer.start();
    await settle();
    expect(world.gateway.sent).to.have.length(1);
    expect(new Set(world.gateway.attempts.map(({ deliveryKey: randomId }) => randomId)).size).to.equal(1);
    expect(world.gateway.attempts).to.have.length(2);
    expect(await world.storage.stores.outbox.stats()).to.deep.equal({ pending: 0, sent: 1, failed: 0 });
  });

  it('storage that can not record a send: it is repeated after 1 s, 2 s, …, not as fast as it can be', async () => {
    let failing = true;
    const world = await stage([[501, 'a']], {
      onUnitCall: () => {
        if (failing) throw new PortError('storage-full', 'disk full', { retryable: true });
      },
    });
    await advance(world, 10_000, 200);
    expect(world.gateway.attempts).to.have.length(4);
    failing = false;
    await advance(world, 10_000, 200);
    expect(await world.item(1)).to.include({ status: 'sent', attempts: 0 });
    expect(world.gateway.attempts).to.have.length(5);
    expect(world.texts()).to.deep.equal(['a']);
  });

  for (const code of ['invalid-request', 'not-found', 'unauthorised'] as const)
    it(`${code} from storage is no refusal of the message`, async () => {
      let failures = 1;
      const world = await stage([[501, 'a']], {
        onUnitCall: () => {
          if (failures-- > 0) throw new PortError(code, 'the unit has ended', { retryable: false });
        },
      });
      await advance(world, 5_000, 500);
      expect(await world.item(1)).to.include({ status: 'sent' });
    });

  it('a gateway that throws what no gateway may throw is asked again with patience, and reported', async () => {
    const world = await stage([]);
    world.gateway.failNext(2, 'before', new TypeError('undefined is not a function'));
    await world.add(501, 'a');
    await settle();
    expect(world.gateway.attempts).to.have.length(1);
    await advance(world, 10_000, 250);
    expect(world.texts()).to.deep.equal(['a']);
    expect(world.gateway.attempts).to.have.length(3);
    expect(world.process.logger.lines.filter(({ level }) => level === 'error')).to.have.length(2);
  });

  it('a send that never ends is taken to have failed after a minute, and repeated with its random id', async () => {
    const gateway = makeRecordingGateway();
    let stuck = 1;
    const attempts: string[] = [];
    const stuckOnce = {
      ...gateway,
      send: (message: Parameters<typeof gateway.send>[0]) => {
        attempts.push(message.deliveryKey);
        return stuck-- > 0 ? new Promise<never>(() => undefined) : gateway.send(message);
      },
    };
    const world = await stage(
      [
        [501, 'a'],
        [501, 'b'],
      ],
      { gateways: [stuckOnce] },
    );
    await advance(world, 59_000, 1_000);
    expect(attempts).to.have.length(1);
    await advance(world, 2_000, 500);
    expect(world.texts(gateway.sent)).to.deep.equal(['a', 'b']);
    expect(attempts[0]).to.equal(attempts[1]);
  });

  it('an outcome delivered late says nothing of the outcome of a later retry', async () => {
    const world = await stage([]);
    const id = 1 as PromiseId;
    await world.process.deliverer.stop();
    await world.process.make({ description: 'count' }, origin);
    await world.process.cancel(id);
    await world.process.retry(id);
    world.process.worker.start();
    await settle();
    const gate = makeGate<string>();
    const gateway = {
      ...world.gateway,
      send: (message: { text: string }) => gate.hold(message.text.slice(0, 20)).then(() => telegramMessage(9)),
    };
    makeProcess(world, { gateways: [gateway] }).deliverer.start();
    await settle();
    gate.release('Promise #1 is cancel');
    await settle();
    expect(gate.held).to.deep.equal(['Promise #1 is kept: ']);
    expect((await undelivered(world.storage.stores.promises, 10)).map((promise) => promise.id)).to.deep.equal([id]);
    gate.release('Promise #1 is kept: ');
    await settle();
    expect(await undelivered(world.storage.stores.promises, 10)).to.deep.equal([]);
  });

  it('what was delivered while the outbox was being read is not sent again', async () => {
    const [reads, sends] = [makeGate<string>(), makeGate<string>()];
    const memory = makeMemoryStorage();
    const { outbox } = memory.stores;
    const slow = async (...asked: Parameters<typeof outbox.due>) => {
      const found = await outbox.due(...asked);
      await reads.hold('read');
      return found;
    };
    const world = makeWorld({ storage: { ...memory, stores: { ...memory.stores, outbox: { ...outbox, due: slow } } } });
    await outbox.add(buildOutboxDraft({ text: 'a' }));
    const gateway = {
      ...makeRecordingGateway(),
      send: (message: { text: string }) => sends.hold(message.text).then(() => telegramMessage(9)),
    };
    const process = makeProcess(world, { gateways: [gateway] });
    process.deliverer.start();
    await settle();
    reads.release('read');
    await settle();
    world.changes.changed();
    await settle();
    expect([reads.held, sends.held]).to.deep.equal([['read'], ['a']]);
    sends.release('a');
    await settle();
    reads.release('read');
    await settle();
    expect(sends.held).to.deep.equal([]);
    expect(process.logger.lines.filter(({ level }) => level === 'error')).to.deep.equal([]);
  });

  it('stop waits for sends under way, and begins none', async () => {
    const gate = makeGate<string>();
    const gateway = {
      ...makeRecordingGateway(),
      send: (message: { text: string }) => gate.hold(message.text).then(() => telegramMessage(9)),
    };
    const world = await stage(
      [
        [501, 'a'],
        [501, 'b'],
      ],
      { gateways: [gateway] },
    );
    let stopped = false;
    const stopping = world.process.deliverer.stop().then(() => {
      stopped = true;
    });
    await advance(world, 5_000);
    expect(stopped).to.equal(false);
    gate.release('a');
    await stopping;
    expect(await world.storage.stores.outbox.stats()).to.deep.equal({ pending: 1, sent: 1, failed: 0 });
    expect(world.clock.timers).to.equal(0);
  });
});
