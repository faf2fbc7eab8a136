import { expect } from 'chai';
import { describe, it } from 'mocha';
import { cronCalendar } from '../../../src/adapters/cron/index.ts';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeCommands } from '../../../src/application/index.ts';
import { localChatId, operatorOnly, retryPolicy, workerSettings } from '../../../src/domain/index.ts';
import { silentLogger } from '../../../src/ports/index.ts';
import { makeFixedClock, makeSeededRandomness, telegramUser } from '../../../src/testing/index.ts';

describe('the retry policy of what is made', () => {
  it('is that policy alone, whatever object it was taken from; and the request and its origin give their own fields', async () => {
    const storage = makeMemoryStorage();
    const retry = { maxAttempts: 2, backoffMs: 5, concurrency: 10, leaseMs: 30_000 };
    const commands = makeCommands({
      storage,
      clock: makeFixedClock(),
      randomness: makeSeededRandomness(1),
      logger: silentLogger,
      redact: (text) => text,
      retry,
      policy: operatorOnly('/srv'),
      calendar: cronCalendar,
    });
    const requestedBy = { id: telegramUser(1), phone: '+49' };
    const origin = {
      chatId: localChatId(1),
      chatKind: 'direct' as const,
      requestedBy,
      status: 'completed',
      tenant: 'somebody else',
      notBefore: 9e12,
    };
    const request = { description: 'Water the plants', metadata: { secret: 1 } };
    const promise = await commands.makePromise(request, origin);
    const schedule = await commands.makeSchedule({ description: 'Water the plants', cron: '@daily' }, origin);
    if (!promise.ok || !schedule.ok) throw new Error('nothing was made');
    for (const made of [promise.value.promise, schedule.value]) {
      expect(made.retry).to.deep.equal({ maxAttempts: 2, backoffMs: 5 });
      expect(made.requestedBy).to.deep.equal({ id: telegramUser(1) });
      expect(made.tenant).to.equal(String(localChatId(1)));
    }
    expect(promise.value.promise).to.include({ status: 'pending' });
    expect(promise.value.promise).to.not.have.property('notBefore');
    expect(promise.value.promise.metadata).to.deep.equal({});
  });

  it('and the settings of workers have their defaults in one place, which what is undefined leaves as they are', () => {
    expect(retryPolicy({ maxAttempts: undefined, backoffMs: 7 })).to.deep.equal({ maxAttempts: 3, backoffMs: 7 });
    expect(workerSettings({ concurrency: 5, leaseMs: 900, heartbeatMs: undefined })).to.include({ tenantConcurrency: 4, heartbeatMs: 300 });
  });
});
