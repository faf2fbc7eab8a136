import { expect } from 'chai';
import { describe, it } from 'mocha';
import { makeMemoryStorage } from '../../src/adapters/memory/index.ts';
import { present, turnSettings, withStores, workerSettings } from '../../src/index.ts';
import { makeScriptedModel } from '../../src/testing/index.ts';

describe('What is undefined', () => {
  it('is absent: present leaves it out, and nothing else', () => {
    expect(present({ a: 1, b: undefined, c: null, d: 0, e: '' })).to.deep.equal({ a: 1, c: null, d: 0, e: '' });
  });

  it('leaves the defaults of turns and workers as they are', () => {
    expect(turnSettings({ maxHistory: undefined, replyTimeoutMs: 5 })).to.deep.equal({ ...turnSettings(), replyTimeoutMs: 5 });
    expect(workerSettings({ concurrency: undefined, perType: undefined })).to.deep.equal(workerSettings());
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
