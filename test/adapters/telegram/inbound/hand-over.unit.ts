import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { returnBigInt } from 'telegram/Helpers.js';
import { Api } from 'telegram/tl/index.js';
import { makeMemoryStorage } from '../../../../src/adapters/memory/index.ts';
import { makePeers } from '../../../../src/adapters/telegram/client/peers.ts';
import { DEFAULT_TIMING, type TelegramBase } from '../../../../src/adapters/telegram/client/settings.ts';
import { makeHandOver } from '../../../../src/adapters/telegram/inbound/hand-over.ts';
import { makeDeliverInbound } from '../../../../src/application/inbox/deliver-inbound.ts';
import type { IncomingMessage } from '../../../../src/domain/index.ts';
import { present } from '../../../../src/domain/shared/present.ts';
import { type Clock, noticesOf, PortError, silentEvents } from '../../../../src/ports/index.ts';
import { buildRecord, makeFixedClock, makeRecordingLogger, makeSeededRandomness, telegramUser } from '../../../../src/testing/index.ts';
import { logged } from '../../../support/logged.ts';
import { ANN, BOT } from '../gateway-stage.ts';

const update = new Api.UpdateNewMessage({
  message: new Api.Message({ id: 5, peerId: new Api.PeerUser({ userId: returnBigInt(ANN) }), date: 1, message: 'it is me' }),
  pts: 1,
  ptsCount: 1,
});
const ann = new Api.User({ id: returnBigInt(ANN), username: 'ann', bot: true });

const makeStage = (clock: Clock, call: () => Promise<readonly Api.User[]>) => {
  const state = makeMemoryStorage().state('telegram');
  const logger = makeRecordingLogger();
  const self = () => ({ id: BOT, isBot: true });
  const base: TelegramBase = {
    timing: DEFAULT_TIMING,
    state,
    clock,
    notice: noticesOf(logged(logger), 'telegram'),
    randomness: makeSeededRandomness(1),
    settings: { apiId: 1, apiHash: 'hash', account: { kind: 'user' } },
  };
  return makeHandOver(base, {
    peers: makePeers(state, clock, self),
    self,
    notice: base.notice,
    isOurs: () => false,
    sentByUs: () => false,
    onOurClock: (time) => time,
    isComment: async () => false,
    moved: { home: (id) => id, follow: async () => undefined },
    call: call as never,
    attachmentsOf: () => [],
  });
};

/**
 * Hands over a message of which only the sender's number is known; Telegram, asked who that is, does as `answers` say,
 * one by one.
 */
const handedOver = async (...answers: readonly (() => readonly Api.User[])[]) => {
  const waits: number[] = [];
  const clock: Clock = {
    ...makeFixedClock(),
    after: (ms, work) => {
      waits.push(ms);
      queueMicrotask(work);
      return () => undefined;
    },
  };
  const left = [...answers];
  const handOver = makeStage(clock, async () => left.shift()?.() ?? []);
  const received = Promise.withResolvers<IncomingMessage>();
  handOver.start({ received: async (message) => received.resolve(message), erased: async () => undefined });
  await handOver.deliver(update, [], []);
  return { sender: (await received.promise).sender, waits, left: left.length };
};

const fails = (code: 'unavailable' | 'unauthorised' | 'rate-limited' | 'invalid-request', retryAfterMs?: number) => () => {
  throw new PortError(code, code, { retryable: code !== 'invalid-request', ...present({ retryAfterMs }) });
};

describe('A message whose sender is only a number', () => {
  it('waits until Telegram says who that is, and as long as it asks for', async () => {
    const { sender, waits, left } = await handedOver(fails('unavailable'), fails('rate-limited', 60_000), fails('unauthorised'), () => [
      ann,
    ]);
    expect(sender).to.deep.include({ id: telegramUser(ANN), username: 'ann', kind: 'bot' });
    expect(left).to.equal(0);
    expect(waits[1]).to.equal(60_000);
  });

  it('goes on without a name where Telegram will never say', async () => {
    const { sender } = await handedOver(fails('invalid-request'), () => [ann]);
    expect(sender).to.deep.equal({ id: telegramUser(ANN), kind: 'person' });
  });
});

describe('Messages that were deleted in a chat that Telegram does not name', () => {
  const deletion = new Api.UpdateDeleteMessages({ messages: [5], pts: 2, ptsCount: 1 });
  /** `update`, then its deletion; resolves to what was told, in order, `before` and after `go` was called. */
  const told = async (users: readonly Api.User[], go: (free: { readonly ask: () => void; readonly receive: () => void }) => void) => {
    const asked = Promise.withResolvers<readonly Api.User[]>();
    const received = Promise.withResolvers<void>();
    const erased = Promise.withResolvers<void>();
    const order: string[] = [];
    const handOver = makeStage(makeFixedClock(), () => asked.promise);
    const inlet = makeDeliverInbound({
      receive: async (message) => {
        await received.promise;
        order.push('received');
        return buildRecord(message);
      },
      erase: async () => {
        order.push('erased');
        erased.resolve();
      },
      followMove: async () => undefined,
      clock: makeFixedClock(),
      events: silentEvents,
    });
    handOver.start(inlet);
    await handOver.deliver(update, users, []);
    await handOver.deliver(deletion, [], []);
    await turn();
    const before = [...order];
    go({ ask: () => asked.resolve([ann]), receive: received.resolve });
    await erased.promise;
    return { before, order };
  };

  it('are told of behind a message that is being received', async () => {
    const { before, order } = await told([ann], ({ receive }) => receive());
    expect([before, order]).to.deep.equal([[], ['received', 'erased']]);
  });

  it('are told of behind a message whose sender Telegram is still asked for', async () => {
    const { before, order } = await told([], ({ ask, receive }) => {
      receive();
      ask();
    });
    expect([before, order]).to.deep.equal([[], ['received', 'erased']]);
  });
});
