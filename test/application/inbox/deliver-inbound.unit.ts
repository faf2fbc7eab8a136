import { expect } from 'chai';
import { makeDeliverInbound } from '../../../src/application/inbox/deliver-inbound.ts';
import type { ChatId, DeletedMessages, IncomingMessage } from '../../../src/domain/index.ts';
import { isPortError, type MovedChat, PortError } from '../../../src/ports/index.ts';
import {
  buildMessage,
  buildRecord,
  makeFixedClock,
  makeRecordingLogger,
  telegramChat,
  telegramMessage,
} from '../../../src/testing/index.ts';
import { logged } from '../../support/logged.ts';
import { settle } from '../support/harness.ts';

const ADA = telegramChat(501);
const BEN = telegramChat(502);
const named = (text: string, chatId: ChatId = ADA): IncomingMessage => buildMessage({ chatId, text });
const deleted = (chat: DeletedMessages['chat']): DeletedMessages => ({ chat, messageIds: [telegramMessage(1)] });
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => (isPortError(error) ? error.code : error),
  );

/** An inlet over three calls that note what they do; `gate` may hold one up or make it fail. */
const stage = () => {
  const clock = makeFixedClock();
  const logger = makeRecordingLogger();
  const order: string[] = [];
  const attempts: string[] = [];
  const control: { gate: (what: string) => Promise<void> } = { gate: async () => undefined };
  const call = async (what: string): Promise<void> => {
    attempts.push(what);
    await control.gate(what);
    order.push(what);
  };
  const inlet = makeDeliverInbound({
    receive: async (message) => {
      await call(message.text);
      return buildRecord(message);
    },
    erase: ({ chat }) => call(`erase ${typeof chat === 'function' ? 'anywhere' : chat}`),
    followMove: ({ from, to }: MovedChat) => call(`move ${from} to ${to}`),
    clock,
    events: logged(logger, clock),
  });
  return { inlet, clock, logger, order, attempts, control };
};

const broken = () => new PortError('unavailable', 'the database is away', { retryable: true });

describe('the delivery of inbound messages', () => {
  it('receives the messages of a chat in the order of the calls, and chats side by side', async () => {
    const { inlet, order, control } = stage();
    const slow = Promise.withResolvers<void>();
    control.gate = (what) => (what === 'one' ? slow.promise : Promise.resolve());
    const all = Promise.all([inlet.received(named('one')), inlet.received(named('two')), inlet.received(named('elsewhere', BEN))]);
    await settle();
    expect(order).to.deep.equal(['elsewhere']);
    slow.resolve();
    await all;
    expect(order).to.deep.equal(['elsewhere', 'one', 'two']);
  });

  it('repeats a message with a growing back-off until it is received, and keeps its chat waiting behind it', async () => {
    const { inlet, clock, logger, order, attempts, control } = stage();
    control.gate = async (what) => {
      if (what === 'one' && attempts.filter((each) => each === 'one').length < 4) throw broken();
    };
    const all = Promise.all([inlet.received(named('one')), inlet.received(named('two')), inlet.received(named('elsewhere', BEN))]);
    const waits: number[] = [];
    for (let failures = 1; failures <= 3; failures++) {
      await settle();
      const before = clock.now();
      const dueAt = await clock.untilTimer();
      waits.push(dueAt - before);
      expect(order).to.deep.equal(['elsewhere']);
      clock.advance(dueAt - before);
    }
    await all;
    expect(waits).to.deep.equal([1_000, 2_000, 4_000]);
    expect(order).to.deep.equal(['elsewhere', 'one', 'two']);
    expect(logger.lines.map(({ level, fields }) => [level, fields?.failures, fields?.reason])).to.deep.equal([
      ['warn', 1, 'the database is away'],
      ['warn', 2, 'the database is away'],
      ['warn', 3, 'the database is away'],
    ]);
  });

  it('waits as long as the storage asks, where that is longer than the back-off', async () => {
    const { inlet, clock, control, attempts } = stage();
    control.gate = async () => {
      if (attempts.length === 1) throw new PortError('rate-limited', 'slower', { retryable: true, retryAfterMs: 30_000 });
    };
    const received = inlet.received(named('one'));
    await settle();
    clock.advance(29_999);
    await settle();
    expect(attempts).to.have.length(1);
    clock.advance(1);
    await received;
  });

  it('repeats a failure that no port allows: a message is never given up', async () => {
    const { inlet, clock, control, attempts } = stage();
    control.gate = async () => {
      if (attempts.length === 1) throw new RangeError('a defect');
    };
    const received = inlet.received(named('one'));
    await settle();
    clock.advance(1_000);
    await received;
  });

  it('does not let a chat whose messages fail take a place from other chats', async () => {
    const { inlet, order, control } = stage();
    control.gate = async (what) => {
      if (what === 'poison') throw broken();
    };
    for (let chat = 1; chat <= 100; chat++) void inlet.received(named('poison', telegramChat(chat)));
    await settle();
    await inlet.received(named('one'));
    expect(order).to.deep.equal(['one']);
  });

  it('calls storage at most 64 times side by side, and serves the rest in turn', async () => {
    const { inlet, attempts, control } = stage();
    const gate = Promise.withResolvers<void>();
    control.gate = () => gate.promise;
    const all = Array.from({ length: 100 }, (_, at) => inlet.received(named(`m${at}`, telegramChat(at + 1))));
    await settle();
    expect(attempts).to.have.length(64);
    gate.resolve();
    await Promise.all(all);
    expect(attempts).to.deep.equal(Array.from({ length: 100 }, (_, at) => `m${at}`));
  });

  it('erases deleted messages behind what came before in their chat', async () => {
    const { inlet, order, control } = stage();
    const slow = Promise.withResolvers<void>();
    control.gate = (what) => (what === 'one' ? slow.promise : Promise.resolve());
    const all = Promise.all([inlet.received(named('one')), inlet.erased(deleted(ADA)), inlet.received(named('two'))]);
    await settle();
    slow.resolve();
    await all;
    expect(order).to.deep.equal(['one', `erase ${ADA}`, 'two']);
  });

  it('erases messages of an unknown chat behind what came before in every chat that it may be', async () => {
    const { inlet, order, control } = stage();
    const slow = Promise.withResolvers<void>();
    control.gate = (what) => (what === 'one' || what === 'elsewhere' ? slow.promise : Promise.resolve());
    const other = inlet.received(named('elsewhere', BEN));
    const all = Promise.all([inlet.received(named('one')), inlet.erased(deleted((chat) => chat === ADA)), inlet.received(named('two'))]);
    await settle();
    expect(order).to.deep.equal([]);
    slow.resolve();
    await all;
    await other;
    expect(order.indexOf('erase anywhere')).to.be.greaterThan(order.indexOf('one'));
    const apart = stage();
    apart.control.gate = (what) => (what === 'elsewhere' ? new Promise<never>(() => undefined) : Promise.resolve());
    void apart.inlet.received(named('elsewhere', BEN));
    await apart.inlet.erased(deleted((chat) => chat === ADA));
    expect(apart.order).to.deep.equal(['erase anywhere']);
  });

  it('follows a move before any message of the new id, and repeats it until it is stored', async () => {
    const { inlet, clock, order, attempts, control } = stage();
    control.gate = async (what) => {
      if (what.startsWith('move') && attempts.length === 1) throw broken();
    };
    const all = Promise.all([inlet.moved({ from: ADA, to: BEN }), inlet.received(named('one', BEN))]);
    await settle();
    clock.advance(1_000);
    await all;
    expect(order).to.deep.equal([`move ${ADA} to ${BEN}`, 'one']);
  });

  it('lets calls under way end at a stop, and rejects everything that waits', async () => {
    const { inlet, order, control } = stage();
    const slow = Promise.withResolvers<void>();
    control.gate = async (what) => {
      if (what === 'one') await slow.promise;
      if (what === 'failing') throw broken();
    };
    const outcomes = [
      codeOf(inlet.received(named('one'))),
      codeOf(inlet.received(named('two'))),
      codeOf(inlet.received(named('failing', BEN))),
      codeOf(inlet.erased(deleted(() => true))),
    ];
    await settle();
    let isStopped = false;
    const stopping = inlet.stop().then(() => {
      isStopped = true;
    });
    await settle();
    expect(isStopped, 'a call is under way').to.equal(false);
    slow.resolve();
    await stopping;
    expect(await Promise.all(outcomes)).to.deep.equal(['resolved', 'aborted', 'aborted', 'aborted']);
    expect(await codeOf(inlet.received(named('late')))).to.equal('aborted');
    expect(order).to.deep.equal(['one']);
  });
});
