import { expect } from 'chai';
import { returnBigInt } from 'telegram/Helpers.js';
import { Api } from 'telegram/tl/index.js';
import { makeMemoryStorage } from '../../src/adapters/memory/index.ts';
import { makeHandOver } from '../../src/adapters/telegram/connection/hand-over.ts';
import { makePeers } from '../../src/adapters/telegram/peers.ts';
import { DEFAULT_TIMING, type TelegramBase } from '../../src/adapters/telegram/settings.ts';
import type { IncomingMessage } from '../../src/domain/index.ts';
import { type Clock, PortError } from '../../src/ports/index.ts';
import { makeFixedClock, makeRecordingLogger, makeSeededRandomness } from '../../src/testing/index.ts';
import { ANN, BOT } from './telegram-gateway-stage.ts';

const update = new Api.UpdateNewMessage({
  message: new Api.Message({ id: 5, peerId: new Api.PeerUser({ userId: returnBigInt(ANN) }), date: 1, message: 'it is me' }),
  ...{ pts: 1, ptsCount: 1 },
});
const ann = new Api.User({ id: returnBigInt(ANN), username: 'ann', bot: true });

/** Hands over a message of which only the sender's number is known; Telegram, asked who that is, does as `answers` say, one by one. */
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
  const logger = makeRecordingLogger();
  const state = makeMemoryStorage().gatewayState('telegram');
  const self = () => ({ id: BOT, isBot: true });
  const left = [...answers];
  const base: TelegramBase = {
    ...{ timing: DEFAULT_TIMING, state, clock, logger, randomness: makeSeededRandomness(1) },
    settings: { apiId: 1, apiHash: 'hash', account: { kind: 'user' } },
  };
  const handOver = makeHandOver(base, {
    ...{ peers: makePeers(state, clock, self), self, logger, isOurs: () => false, sentByUs: () => false },
    onOurClock: (time) => time,
    isComment: async () => false,
    moved: { home: (id) => id, follow: async () => undefined },
    call: async () => left.shift()?.() as never,
    withFiles: async ({ message }) => message.text,
  });
  const received = Promise.withResolvers<IncomingMessage>();
  handOver.start(async (message) => received.resolve(message));
  await handOver.deliver(update, [], []);
  return { sender: (await received.promise).sender, waits, left: left.length };
};

const fails = (code: 'unavailable' | 'unauthorised' | 'rate-limited' | 'invalid-request', retryAfterMs?: number) => () => {
  throw new PortError(code, code, { retryable: code !== 'invalid-request', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
};

describe('A message whose sender is only a number', () => {
  it('waits until Telegram says who that is, and as long as it asks for', async () => {
    const { sender, waits, left } = await handedOver(fails('unavailable'), fails('rate-limited', 60_000), fails('unauthorised'), () => [
      ann,
    ]);
    expect(sender).to.deep.include({ id: ANN, username: 'ann', kind: 'bot' });
    expect(left).to.equal(0);
    expect(waits[1]).to.equal(60_000);
  });

  it('goes on without a name where Telegram will never say', async () => {
    const { sender } = await handedOver(fails('invalid-request'), () => [ann]);
    expect(sender).to.deep.equal({ id: ANN, kind: 'person' });
  });
});
