import { expect } from 'chai';
import { makeLocalChat } from '../../src/adapters/local-chat/index.ts';
import { makeMemoryStorage } from '../../src/adapters/memory/index.ts';
import { makePinoLogger } from '../../src/adapters/pino/index.ts';
import { systemClock as clock, makeCorrelation, systemRandomness as randomness } from '../../src/adapters/system/index.ts';
import { DEFAULT_LOCAL_CHAT, type KeptEventType, makeKept, operatorOnly, promiseId, type WorkScope } from '../../src/index.ts';
import { makeScriptedModel } from '../../src/testing/index.ts';

const PROMISED = {
  toolCalls: [{ id: 'c0', tool: 'make_promise', input: { description: 'Look at the sky' } }],
  stop: 'tool_calls',
} as const;

/** Says that to a Kept over its local chat, and resolves once so many messages stand there. */
const say = async (text: string, messages: number, replies: Parameters<typeof makeScriptedModel>[0]) => {
  const storage = makeMemoryStorage();
  const chat = makeLocalChat({ ...storage, clock, randomness });
  const correlation = makeCorrelation();
  const scopes: WorkScope[] = [];
  correlation.onEnd(({ scope }) => scopes.push(scope));
  const told: (readonly [KeptEventType, string | undefined])[] = [];
  const lines: Record<string, unknown>[] = [];
  const { logger } = makePinoLogger({
    level: 'debug',
    redact: (each) => each,
    current: correlation.current,
    destination: { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  });
  const kept = makeKept({
    ...storage,
    storage,
    model: makeScriptedModel(replies),
    gateways: [chat],
    clock,
    randomness,
    correlation,
    logger,
    policy: operatorOnly('/'),
  });
  kept.on(({ type }) => told.push([type, correlation.current()?.correlationId]));
  await kept.start();
  const shown = Promise.withResolvers<void>();
  const delivered = Promise.withResolvers<void>();
  let seen = 0;
  let sent = 0;
  const end = chat.subscribe(DEFAULT_LOCAL_CHAT, ({ type }) => type === 'message' && ++seen === messages && shown.resolve(), 0);
  kept.on(({ type }) => type === 'message-delivered' && ++sent === messages - 1 && delivered.resolve());
  try {
    await chat.post(DEFAULT_LOCAL_CHAT, text);
    await Promise.all([shown.promise, delivered.promise]);
  } finally {
    end();
    await kept.stop();
  }
  return { scopes, told, lines, storage };
};

describe('What came of one message', () => {
  it('is one trace, from its receiving over turn, promise and both deliveries, in which every parent is there', async () => {
    const replies = [PROMISED, { text: 'I made promise #1.' }, { text: 'It rains: I looked.' }];
    const { scopes, told, lines, storage } = await say('please look at the sky', 3, replies);
    const [trace] = scopes.map(({ correlationId }) => correlationId);
    expect(trace).to.match(/^[0-9a-f]{32}$/);
    expect(new Set(scopes.map(({ correlationId }) => correlationId))).to.deep.equal(new Set([trace]));
    expect(scopes.map(({ name }) => name).toSorted()).to.deep.equal(
      ['receive', 'turn', 'agent', 'deliver', 'promise', 'agent', 'deliver'].toSorted(),
    );
    const spans = new Map(scopes.map((scope) => [scope.spanId, scope]));
    expect(spans.size).to.equal(scopes.length);
    const led = (name: WorkScope['name']): readonly (string | undefined)[] =>
      scopes.filter((scope) => scope.name === name).map(({ parentSpanId }) => parentSpanId && spans.get(parentSpanId)?.name);
    expect(led('receive')).to.deep.equal([undefined]);
    expect(led('turn')).to.deep.equal(['receive']);
    expect(led('promise')).to.deep.equal(['turn']);
    expect(led('agent').toSorted()).to.deep.equal(['promise', 'turn']);
    expect(led('deliver').toSorted()).to.deep.equal(['promise', 'turn']);
    const promise = await storage.stores.promises.get(promiseId(1));
    expect(promise?.metadata.trace).to.equal(`00-${trace}-${scopes.find(({ name }) => name === 'turn')?.spanId}-01`);

    // Every event of it has the trace; those of the process have none.
    const types: readonly KeptEventType[] = ['message-received', 'model-responded', 'tool-called', 'turn-committed', 'promise-made'];
    for (const type of [...types, 'promise-attempt-started', 'promise-attempt-ended', 'message-delivered'] as const)
      expect(
        told.filter(([each, id]) => each === type && id !== trace),
        type,
      ).to.deep.equal([]);
    expect(told.map(([type]) => type)).to.include.members([...types, 'promise-attempt-ended', 'message-delivered']);
    expect(lines.filter((line) => line.trace === trace).map(({ msg }) => msg)).to.include.members(['promise started', 'message delivered']);
  });
});
