import { expect } from 'chai';
import { DENIED_RETENTION_MS, MAX_DENIED_KEPT, makePurgeDenied } from '../../../src/application/inbox/purge-denied.ts';
import { buildMessage, makeRecordingLogger, telegramMessage, telegramUser } from '../../../src/testing/index.ts';
import { logged } from '../../support/logged.ts';
import { advance, makeProcess, makeWorld, settle } from '../support/harness.ts';

const HOUR = 60 * 60 * 1000;

describe('what strangers leave behind', () => {
  it('is so many messages at most, however many write', async () => {
    const world = makeWorld();
    const asked: unknown[] = [];
    const purgeDenied = async (request: unknown) => asked.push(request) - 1;
    const loop = makePurgeDenied({ ...world, messages: { purgeDenied }, events: logged(makeRecordingLogger()) });
    loop.start();
    await loop.stop();
    expect(asked).to.deep.equal([{ receivedBefore: world.clock.now() - DENIED_RETENTION_MS, keep: MAX_DENIED_KEPT, limit: 500 }]);
  });

  it('is purged after days, while a repeat within them is known for one; messages of others stay', async () => {
    const world = makeWorld();
    const { messages } = world.storage.stores;
    const { receive } = makeProcess(world);
    const stranger = (n: number) =>
      buildMessage({
        messageId: telegramMessage(n),
        sender: { id: telegramUser(666), displayName: 'Eve', kind: 'person' },
        text: 'let me in',
      });
    for (let n = 1; n <= 600; n++) await receive(stranger(n));
    await receive(buildMessage({ messageId: telegramMessage(1_000) }));
    const logger = makeRecordingLogger();
    const loop = makePurgeDenied({ ...world, messages, events: logged(logger) });
    loop.start();
    await advance(world, DENIED_RETENTION_MS - HOUR, HOUR);
    expect((await messages.stats()).denied).to.equal(600);
    expect((await receive(stranger(7))).verdict).to.deep.equal({ kind: 'denied' });
    expect((await messages.stats()).denied).to.equal(600);
    await advance(world, HOUR + 1, HOUR);
    await settle();
    await advance(world, HOUR + 2_000, 1_000 * 60);
    expect(await messages.stats()).to.include({ denied: 0, open: 1 });
    expect(logger.lines.map(({ fields }) => fields.count)).to.deep.equal([500, 100]);
    await loop.stop();
  });
});
