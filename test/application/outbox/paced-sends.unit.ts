import { expect } from 'chai';
import { type ChatId, localChatId, type OutboxId } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import { buildOutboxDraft, makeRecordingGateway, telegramChat } from '../../../src/testing/index.ts';
import { advance, makeProcess, makeWorld, settle } from '../support/harness.ts';
import { flood, HOUR, startDelivery } from './outbox-harness.ts';

describe('Sends at the pace that a gateway allows', () => {
  it('sends nothing while a flood wait lasts, and sends as soon as it ends', async () => {
    const world = await startDelivery([]);
    world.gateway.failNext(1, 'before', new PortError('rate-limited', 'flood', { retryable: true, retryAfterMs: 42_000 }));
    await world.add(501, 'a');
    await advance(world, 41_999);
    expect(world.gateway.attempts).to.have.length(1);
    await advance(world, 1);
    expect(world.texts()).to.deep.equal(['a']);
  });

  it('holds every chat of a gateway exactly as long as its flood wait lasts, while other gateways go on', async () => {
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

  it('keeps a flood wait that the process before was told of', async () => {
    const world = await startDelivery([]);
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

  it('holds only the chat in slow mode, and sends to the others', async () => {
    const world = await startDelivery([]);
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

  it('sends a message that only flood waits have refused, however many days they last (invariant 1)', async () => {
    const world = await startDelivery([]);
    world.gateway.failNext(3, 'before', flood(20 * 3_600));
    await world.add(501, 'a');
    await advance(world, 61 * HOUR, HOUR / 2);
    expect(world.texts()).to.deep.equal(['a']);
  });

  it('sends to the other chats while one chat is refused again and again', async () => {
    const gateway = makeRecordingGateway();
    const refusing = {
      ...gateway,
      send: async (message: Parameters<typeof gateway.send>[0]) => {
        if (message.chatId === telegramChat(501)) throw flood(30);
        return gateway.send(message);
      },
    };
    const world = await startDelivery([[501, 'poison']], { gateways: [refusing], maxChats: 1 });
    for (let chat = 502; chat < 512; chat++) await world.add(chat, `${chat}`);
    await advance(world, 10 * 60_000, 1_000);
    expect(gateway.sent).to.have.length(10);
    expect(await world.item(1)).to.include({ status: 'pending' });
  });

  it('sends one message a second to a chat if the gateway takes no more, and to others meanwhile', async () => {
    const gateway = makeRecordingGateway({ limits: { draftIntervalMs: 0, sendsPerSecond: 30, chatIntervalMs: 1_000 } });
    const world = await startDelivery(
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

  it('sends to a hundred chats in four seconds at thirty messages a second', async () => {
    const gateway = makeRecordingGateway({ limits: { draftIntervalMs: 0, sendsPerSecond: 30 } });
    const world = await startDelivery(
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
});
