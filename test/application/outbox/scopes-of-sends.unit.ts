import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeCorrelation } from '../../../src/adapters/system/index.ts';
import { makeEvents } from '../../../src/application/index.ts';
import { makeOutboxDeliverer } from '../../../src/application/outbox/deliver-outbox.ts';
import { makeSendLimiter } from '../../../src/application/outbox/send-limiter.ts';
import { withScopes } from '../../../src/application/telemetry/work-scopes.ts';
import { type KeptEventType, promiseId } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import {
  buildMessage,
  buildOutboxDraft,
  makeFixedClock,
  makeRecordingGateway,
  START,
  telegramChat,
  telegramMessage,
} from '../../../src/testing/index.ts';
import { settle } from '../support/harness.ts';

const down = () => new PortError('unavailable', 'the disk is away', { retryable: true });
const chatId = telegramChat(501);
const scoped = withScopes(makeCorrelation(), 'storage-1');
const trace = scoped.scopes.receive(buildMessage({ chatId, messageId: telegramMessage(1) })).correlationId;

describe('The scope of a send', () => {
  /** Delivers one reply; what of the storage is away is away once. */
  const deliver = async ({ lacks }: { readonly lacks: 'commit' | 'promise' | 'nothing' }) => {
    const storage = makeMemoryStorage();
    const events = makeEvents();
    const clock = makeFixedClock(START);
    const told: (readonly [KeptEventType, string | undefined])[] = [];
    events.on(({ type }) => told.push([type, scoped.current()?.correlationId]));
    let isAway = lacks !== 'nothing';
    const away = (what: typeof lacks): boolean => {
      if (!isAway || what !== lacks) return false;
      isAway = false;
      return true;
    };
    const ofPromise = lacks === 'promise' ? { promiseId: promiseId(7) } : {};
    await storage.stores.outbox.add(
      buildOutboxDraft({ chatId, answers: [telegramMessage(1)], dedupeKey: 'turn:t1', createdAt: START, ...ofPromise }),
    );
    const deliverer = makeOutboxDeliverer({
      outbox: storage.stores.outbox,
      unitOfWork: { run: (work) => (away('commit') ? Promise.reject(down()) : storage.unitOfWork.run(work)) },
      gateways: [makeRecordingGateway()],
      limiter: makeSendLimiter({ state: storage.state, clock, events }),
      changes: storage.changes,
      clock,
      events,
      maxChats: 1,
      work: {
        correlation: scoped,
        promises: { get: async (id) => (away('promise') ? Promise.reject(down()) : storage.stores.promises.get(id)) },
      },
    });
    deliverer.start();
    await settle();
    clock.advance(60_000);
    await settle();
    await deliverer.stop();
    return told.filter(([type]) => type === 'message-delivered' || type === 'delivery-not-recorded' || type === 'gateway-called');
  };

  it('is that of the message that it answers', async () => {
    expect(await deliver({ lacks: 'nothing' })).to.deep.equal([
      ['gateway-called', trace],
      ['message-delivered', trace],
    ]);
  });

  it('holds what tells that its end could not be recorded, too', async () => {
    expect(await deliver({ lacks: 'commit' })).to.deep.equal([
      ['gateway-called', trace],
      ['delivery-not-recorded', trace],
      ['gateway-called', trace],
      ['message-delivered', trace],
    ]);
  });

  it('is asked for again, before anything is sent, where its promise could not be read', async () => {
    const told = await deliver({ lacks: 'promise' });
    expect(told.map(([type]) => type)).to.deep.equal(['delivery-not-recorded', 'gateway-called', 'message-delivered']);
  });
});
