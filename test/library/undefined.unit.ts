import { expect } from 'chai';
import { describe, it } from 'mocha';
import { makeMemoryStorage } from '../../src/adapters/memory/index.ts';
import {
  DEFAULT_LOCAL_CHAT,
  DEFAULT_RETRY,
  makeBot,
  makeCommands,
  makeWorker,
  operatorOnly,
  present,
  turnSettings,
  withStores,
  workerSettings,
} from '../../src/index.ts';
import { makeFixedClock, makeScriptedModel, makeSeededRandomness, telegramUser, workResult } from '../../src/testing/index.ts';

/** Memory works in a few turns of the event loop. */
const waitFor = async (isTrue: () => Promise<boolean>): Promise<void> => {
  for (let turns = 0; !(await isTrue()); turns++) {
    if (turns > 1_000) throw new Error('it never came true');
    await new Promise(setImmediate);
  }
};

describe('What is undefined', () => {
  it('is absent: present leaves it out, and nothing else', () => {
    expect(present({ a: 1, b: undefined, c: null, d: 0, e: '' })).to.deep.equal({ a: 1, c: null, d: 0, e: '' });
  });

  it('leaves the defaults of turns and workers as they are', () => {
    expect(turnSettings({ maxHistory: undefined, replyTimeoutMs: 5 })).to.deep.equal({ ...turnSettings(), replyTimeoutMs: 5 });
    expect(workerSettings({ concurrency: undefined, typeConcurrency: undefined })).to.deep.equal(workerSettings());
  });

  it('leaves the parts of bot, worker and commands as they are where nothing is given', async () => {
    const storage = makeMemoryStorage();
    const nothing = { logger: undefined, redact: undefined, retry: undefined, retentionMs: undefined, calendar: undefined };
    const parts = {
      storage,
      changes: storage.changes,
      clock: makeFixedClock(),
      randomness: makeSeededRandomness(1),
      policy: operatorOnly('/srv'),
      ...nothing,
      timeZone: undefined,
      agent: undefined,
    };
    const { makePromise } = makeCommands(parts);
    const made = await makePromise(
      { description: 'Water the plants' },
      { chatId: DEFAULT_LOCAL_CHAT, chatKind: 'direct' as const, requestedBy: { id: telegramUser(1) } },
    );
    expect(made.ok && made.value.promise.retry).to.deep.equal(DEFAULT_RETRY);
    const runAgent = () => Promise.reject(new Error('nobody is asked'));
    const { worker } = makeWorker({
      ...parts,
      runAgent,
      workerId: 'w1',
      executor: { execute: async () => workResult('done') },
      settings: undefined,
    });
    const { bot } = makeBot({ ...parts, runAgent, gateways: [], turns: { maxHistory: undefined }, isOutstandingPing: undefined });
    await bot.start();
    worker.start();
    await waitFor(async () => (await storage.stores.promises.stats()).completed === 1);
    await Promise.all([bot.stop(0), worker.stop(0)]);
  });

  it('replaces no store, inside a unit of work either', async () => {
    const storage = makeMemoryStorage();
    const replaced = withStores(storage, { outbox: undefined });
    expect(replaced.stores).to.deep.equal(storage.stores);
    await replaced.unitOfWork.run(async ({ outbox }) => expect(await outbox.stats()).to.have.property('pending', 0));
  });

  it('in a scripted reply is an ordinary end', async () => {
    const model = makeScriptedModel([{ text: 'Fine.', stop: undefined, usage: undefined } as never]);
    const options = { signal: new AbortController().signal, onEvent: () => undefined };
    const reply = await model.respond({ instructions: '', conversation: [], tools: [], maxOutputTokens: 1 }, options);
    expect(reply).to.include({ text: 'Fine.', stop: 'end' });
    expect(reply.usage).to.have.property('inputTokens', 0);
  });
});
