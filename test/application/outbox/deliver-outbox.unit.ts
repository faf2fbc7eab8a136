import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import type { PromiseId } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import { buildOutboxDraft, makeRecordingGateway, START, telegramMessage, undelivered } from '../../../src/testing/index.ts';
import { makeGate } from '../support/gate.ts';
import { advance, makeProcess, makeWorld, settle } from '../support/harness.ts';
import { origin, startDelivery } from './outbox-harness.ts';

describe('Delivering the outbox', () => {
  it('sends every message of the outbox, and records the id under which each was sent', async () => {
    const { texts, item, gateway } = await startDelivery([
      [501, 'a'],
      [502, 'b'],
    ]);
    expect(texts()).to.deep.equal(['a', 'b']);
    expect(await item(1)).to.deep.include({ status: 'sent', sentMessageId: gateway.sent[0]?.messageId, sentAt: START, attempts: 0 });
  });

  it('sends messages of one chat in order whatever fails, while other chats go on (rule 7)', async () => {
    const world = await startDelivery([]);
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

  it('sends to several chats at once, up to the limit, and one message at a time to each', async () => {
    const gate = makeGate<string>();
    const gateway = {
      ...makeRecordingGateway(),
      send: (message: { text: string }) => gate.hold(message.text).then(() => telegramMessage(9)),
    };
    await startDelivery(
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

  it('repeats a send with its delivery key if it fails after it was accepted, so that it arrives once (invariant 2)', async () => {
    const world = await startDelivery([]);
    world.gateway.failNext(4, 'after');
    await world.add(501, 'a');
    await advance(world, 60_000, 500);
    expect(world.texts()).to.deep.equal(['a']);
    expect(world.gateway.attempts).to.have.length(5);
    expect(new Set(world.gateway.attempts.map(({ deliveryKey: randomId }) => randomId)).size).to.equal(1);
    expect(await world.item(1)).to.include({ status: 'sent', attempts: 4 });
  });

  it('waits half a second before the first repeat of a send, then twice as long each time, up to a minute', async () => {
    const world = await startDelivery([]);
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

  it('keeps a message until there is a gateway for its chat', async () => {
    const world = await startDelivery([[501, 'a']], { gateways: [makeRecordingGateway({ name: 'local' })] });
    expect(await world.item(1)).to.include({ status: 'pending', dueAt: START + 60_000 });
    await world.process.deliverer.stop();
    makeProcess(world).deliverer.start();
    await advance(world, 60_000);
    expect(world.texts()).to.deep.equal(['a']);
  });

  it('repeats a send with the same delivery key if the process before died before recording it (invariant 2)', async () => {
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

  it('waits 1 s, 2 s and so on before it repeats a send that storage could not record', async () => {
    let failing = true;
    const world = await startDelivery([[501, 'a']], {
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
    it(`sends a message although storage failed with ${code}, which is no refusal of the message`, async () => {
      let failures = 1;
      const world = await startDelivery([[501, 'a']], {
        onUnitCall: () => {
          if (failures-- > 0) throw new PortError(code, 'the unit has ended', { retryable: false });
        },
      });
      await advance(world, 5_000, 500);
      expect(await world.item(1)).to.include({ status: 'sent' });
    });

  it('repeats a send after growing waits if a gateway throws an error that is not a PortError, and logs it', async () => {
    const world = await startDelivery([]);
    world.gateway.failNext(2, 'before', new TypeError('undefined is not a function'));
    await world.add(501, 'a');
    await settle();
    expect(world.gateway.attempts).to.have.length(1);
    await advance(world, 10_000, 250);
    expect(world.texts()).to.deep.equal(['a']);
    expect(world.gateway.attempts).to.have.length(3);
    expect(world.process.logger.lines.filter(({ level }) => level === 'error')).to.have.length(2);
  });

  it('repeats a send that has not ended after a minute, with the same delivery key', async () => {
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
    const world = await startDelivery(
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

  it('marks no outcome of a retry as delivered when the outcome before it is delivered late', async () => {
    const world = await startDelivery([]);
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

  it('sends a message once although it was delivered while the outbox was being read', async () => {
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

  it('waits at its stop for sends under way, and begins no others', async () => {
    const gate = makeGate<string>();
    const gateway = {
      ...makeRecordingGateway(),
      send: (message: { text: string }) => gate.hold(message.text).then(() => telegramMessage(9)),
    };
    const world = await startDelivery(
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
