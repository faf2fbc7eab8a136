import { expect } from 'chai';
import { makeMemoryChangeFeed, makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { isPortError, type Stores } from '../../../src/ports/index.ts';
import { buildPromise, buildRecord, makeFixedClock, telegramChat, telegramMessage } from '../../../src/testing/index.ts';

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('The memory storage', () => {
  it('refuses a write that its unit of work did not await', async () => {
    const { unitOfWork, stores } = makeMemoryStorage();
    const kept: Stores[] = [];
    await unitOfWork.run(async (unit) => {
      kept.push(unit);
    });
    const [ended] = kept;
    const failure = await failureOf(ended?.messages.add(buildRecord()) ?? Promise.resolve());
    expect(isPortError(failure) && failure.message).to.match(/has ended/);
    expect(await stores.messages.get(telegramChat(501), telegramMessage(1))).to.equal(undefined);
  });

  it('returns frozen values', async () => {
    const { stores } = makeMemoryStorage();
    await stores.promises.add([buildPromise({ metadata: { scope: { directory: '/srv/a' } } })]);
    const [promise] = await stores.promises.find({ limit: 1 });
    expect(promise?.metadata.scope).to.be.frozen;
  });

  it('tells its change feed of every commit, and of no unit of work that rejects', async () => {
    const clock = makeFixedClock();
    const changes = makeMemoryChangeFeed(clock.after);
    const storage = makeMemoryStorage({ changes });
    let hints = 0;
    storage.changes.subscribe(() => hints++);
    await storage.stores.messages.add(buildRecord());
    expect(hints).to.equal(1);
    await failureOf(storage.unitOfWork.run(() => Promise.reject(new RangeError('no'))));
    expect(hints).to.equal(1);
    await storage.stores.messages.get(telegramChat(501), telegramMessage(1));
    expect(hints).to.equal(1);
  });
});

describe('The memory change feed', () => {
  it('hints once a second by its clock, while anybody listens', async () => {
    const clock = makeFixedClock();
    const feed = makeMemoryChangeFeed(clock.after);
    expect(clock.timers).to.equal(0);
    let hints = 0;
    const unsubscribe = feed.subscribe(() => hints++);
    const others = [feed.subscribe(() => undefined), feed.subscribe(() => undefined)];
    for (let second = 1; second <= 3; second++) {
      clock.advance(1_000);
      await Promise.resolve();
      expect(hints).to.equal(second);
    }
    unsubscribe();
    unsubscribe();
    expect(clock.timers).to.equal(1);
    for (const stop of others) stop();
    expect(clock.timers).to.equal(0);
  });

  it('makes one hint of many changes at one moment', async () => {
    const feed = makeMemoryChangeFeed(makeFixedClock().after);
    let hints = 0;
    const hinted = new Promise<void>((resolve) => {
      feed.subscribe(() => {
        hints++;
        resolve();
      });
    });
    for (let i = 0; i < 10; i++) feed.changed();
    await hinted;
    await new Promise(setImmediate);
    expect(hints).to.equal(1);
  });
});
