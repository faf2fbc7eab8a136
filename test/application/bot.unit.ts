import { expect } from 'chai';
import { type BotParts, makeBot } from '../../src/application/index.ts';
import { DEFAULT_RETRY } from '../../src/domain/index.ts';
import { silentLogger } from '../../src/ports/index.ts';
import { buildPolicy, makeRecordingGateway } from '../../src/testing/index.ts';
import { makeWorld, redact, settle, type World } from './support/harness.ts';

const silent = new Promise<never>(() => undefined);

/** A bot over two gateways that tell what becomes of them. */
const stage = (over: { readonly storage?: (world: World) => BotParts['storage']; readonly start?: () => Promise<void> } = {}) => {
  const world = makeWorld();
  const events: string[] = [];
  const gateway = (name: string, start: () => Promise<void> = async () => undefined) => ({
    ...makeRecordingGateway(),
    name,
    start: () => {
      events.push(`${name} starts`);
      return start();
    },
    stop: async () => void events.push(`${name} stops`),
  });
  const { bot } = makeBot({
    ...world,
    storage: over.storage?.(world) ?? world.storage,
    logger: silentLogger,
    policy: buildPolicy(),
    redact,
    retry: DEFAULT_RETRY,
    runAgent: () => silent,
    gateways: [gateway('first', over.start), gateway('second')],
  });
  return { bot, events };
};

describe('a bot', () => {
  it('stops the gateways of a stopped bot at once, even if the storage does not answer', async () => {
    const { bot, events } = stage({
      storage: ({ storage }) => ({
        ...storage,
        stores: { ...storage.stores, promises: { ...storage.stores.promises, find: () => silent } },
      }),
    });
    await bot.start();
    await settle();
    void bot.stop(0);
    await settle();
    expect(events.slice(2)).to.deep.equal(['first stops', 'second stops']);
  });

  it('stops the gateway that is starting when the start of a bot is aborted, and starts no other', async () => {
    const { bot, events } = stage({ start: () => silent });
    const over = new AbortController();
    const started = bot.start(over.signal).catch((error: unknown) => error);
    await settle();
    over.abort('the lead is lost');
    expect(await started).to.equal('the lead is lost');
    expect(events).to.deep.equal(['first starts', 'first stops', 'second stops']);
  });
});
