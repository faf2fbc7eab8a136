import { expect } from 'chai';
import { makeLocalChat } from '../../src/adapters/local-chat/index.ts';
import { makeMemoryStorage } from '../../src/adapters/memory/index.ts';
import { systemClock as clock, systemRandomness as randomness } from '../../src/adapters/system/index.ts';
import { makeContent, makeKept } from '../../src/application/index.ts';
import { DEFAULT_LIMITS, localChatId, OPERATOR_ID, operatorOnly } from '../../src/domain/index.ts';
import { PortError } from '../../src/ports/index.ts';
import { makeRecordingEvents, makeRecordingGateway, makeRecordingLogger, makeScriptedModel } from '../../src/testing/index.ts';

describe('a Kept of your own parts', () => {
  it('lets its model, whatever its agents and tools, say that a promise could not be kept', async () => {
    const storage = makeMemoryStorage();
    const chat = makeLocalChat({ ...storage, clock, randomness });
    const model = makeScriptedModel([{ toolCalls: [{ id: 'a', tool: 'report_failure', input: { reason: 'There is no bread.' } }] }]);
    const promiseAgent = { name: 'baker', description: '', instructions: 'Bake.', tools: [], limits: { maxSteps: 2, maxOutputTokens: 10 } };
    const kept = makeKept({ ...storage, storage, model, gateways: [chat], clock, randomness, policy: operatorOnly('/'), promiseAgent });
    const told = Promise.withResolvers<string>();
    chat.subscribe(localChatId(1), (event) => event.type === 'message' && told.resolve(event.message.text));
    await kept.start();
    try {
      const made = await kept.makePromise(
        { description: 'make me a sandwich' },
        { chatId: localChatId(1), chatKind: 'direct' as const, requestedBy: { id: OPERATOR_ID } },
      );
      expect(await told.promise).to.match(/^Promise #1 could not be kept: make me a sandwich\n\nThere is no bread\./);
      expect(made.ok && (await storage.stores.promises.get(made.value.promise.id))).to.include({ status: 'failed' });
    } finally {
      await kept.stop();
    }
  });

  it("asks an agent's own model, and `model` where that fails", async () => {
    const storage = makeMemoryStorage();
    const chat = makeLocalChat({ ...storage, clock, randomness });
    const refused = new PortError('unauthorised', 'the key is wrong', { retryable: false });
    const own = makeScriptedModel([{ text: 'From its own.' }, { error: refused }], 'own/small');
    const model = makeScriptedModel([{ text: 'From the other.' }], 'other/large');
    const chatAgent = { name: 'greeter', description: '', instructions: 'Greet.', tools: [], limits: DEFAULT_LIMITS, model: 'small' };
    const parts = { ...storage, storage, model, gateways: [chat], clock, randomness, policy: operatorOnly('/'), chatAgent };
    expect(() => makeKept(parts)).to.throw(TypeError, /chatAgent names the model "small", which is not among `models`/);
    expect(() => makeKept({ ...parts, models: { smal: own } })).to.throw(/did you mean "smal"\?/);
    expect(() => makeKept({ ...parts, models: { small: {} as never } })).to.throw(/models\.small is not a language model/);
    const kept = makeKept({ ...parts, models: { small: own } });
    const texts: string[] = [];
    const both = Promise.withResolvers<void>();
    chat.subscribe(localChatId(1), (event) => {
      if (event.type !== 'message' || !event.message.text.startsWith('From')) return;
      if (texts.push(event.message.text) === 1) void chat.post(localChatId(1), 'hello again');
      else both.resolve();
    });
    await kept.start();
    try {
      await chat.post(localChatId(1), 'hello');
      await both.promise;
      expect(texts).to.deep.equal(['From its own.', 'From the other.']);
    } finally {
      await kept.stop();
    }
  });

  it('tells its events to each listener and to `events`, and logs that a listener threw', async () => {
    const storage = makeMemoryStorage();
    const chat = makeLocalChat({ ...storage, clock, randomness });
    const model = makeScriptedModel([{ text: 'Hello.' }]);
    const logger = makeRecordingLogger();
    const events = makeRecordingEvents();
    const parts = { ...storage, storage, model, gateways: [chat], clock, randomness, policy: operatorOnly('/') };
    const kept = makeKept({ ...parts, logger, events });
    const heard: string[] = [];
    const answered = Promise.withResolvers<void>();
    kept.on(() => {
      throw new Error('a broken listener');
    });
    kept.on(({ type }) => {
      heard.push(type);
      if (type === 'message-delivered') answered.resolve();
    });
    const unheard: string[] = [];
    kept.on(({ type }) => unheard.push(type))();
    await kept.start();
    try {
      await chat.post(localChatId(1), 'hello');
      await answered.promise;
      await kept.makePromise(
        { description: 'make me a sandwich' },
        { chatId: localChatId(1), chatKind: 'direct', requestedBy: { id: OPERATOR_ID } },
      );
    } finally {
      await kept.stop();
    }
    expect(heard).to.include.members(['message-received', 'model-responded', 'turn-committed', 'message-delivered', 'promise-made']);
    expect(events.events.map(({ type }) => type)).to.deep.equal(heard);
    expect(unheard).to.deep.equal([]);
    expect(logger.lines[0]).to.deep.include({
      level: 'error',
      message: 'a listener of events threw',
      fields: { reason: 'a broken listener' },
    });
  });

  it('lets a program hear what models and tools are asked and say, and says at its end what its log left out', async () => {
    const storage = makeMemoryStorage();
    const chat = makeLocalChat({ ...storage, clock, randomness });
    const model = makeScriptedModel([
      { toolCalls: [{ id: 'c1', tool: 'list_promises', input: {} }], stop: 'tool_calls' },
      { text: 'None.' },
    ]);
    const logger = makeRecordingLogger();
    const content = makeContent();
    const heard: string[] = [];
    content.on(({ type }) => heard.push(type));
    const parts = { ...storage, storage, model, gateways: [chat], clock, randomness, policy: operatorOnly('/') };
    const kept = makeKept({ ...parts, logger, content });
    const answered = Promise.withResolvers<void>();
    kept.on(({ type }) => {
      if (type === 'message-delivered') answered.resolve();
    });
    for (let n = 0; n < 30; n++)
      kept.on(({ type }) => {
        if (type === 'message-received') throw new Error('a broken listener');
      });
    await kept.start();
    try {
      await chat.post(localChatId(1), 'what have you promised?');
      await answered.promise;
    } finally {
      await kept.stop();
    }
    expect(heard).to.deep.equal(['model-content', 'tool-content', 'model-content']);
    expect(logger.lines.filter(({ message }) => message === 'a listener of events threw')).to.have.length(20);
    expect(logger.lines.at(-1)).to.deep.include({ message: 'more of the same: a listener of events threw' });
  });

  it('starts nothing more once it is stopped, also while a gateway takes long to start', async () => {
    const storage = makeMemoryStorage();
    const model = makeScriptedModel([]);
    const began: string[] = [];
    const starting = Promise.withResolvers<void>();
    const stopped = Promise.withResolvers<void>();
    const slow = {
      ...makeRecordingGateway({ name: 'slow' }),
      start: () => {
        began.push('slow');
        starting.resolve();
        return stopped.promise;
      },
      stop: async () => stopped.resolve(),
    };
    const next = { ...makeRecordingGateway({ name: 'next' }), start: async () => void began.push('next') };
    const kept = makeKept({ ...storage, storage, model, gateways: [slow, next], clock, randomness, policy: operatorOnly('/') });
    const outcome = kept.start().catch((error: Error) => error.message);
    await starting.promise;
    await kept.stop();
    expect(await outcome).to.include('was stopped before it had started');
    expect(began).to.deep.equal(['slow']);
  });
});
