import { expect } from 'chai';
import { createAnthropicClient, makeAnthropicModel } from '../../../src/adapters/anthropic/index.ts';
import { createOpenAiClient, makeOpenAiModel } from '../../../src/adapters/openai/index.ts';
import type { LanguageModel } from '../../../src/ports/index.ts';
import { buildTool, makeScriptedModel, type ScriptedStep, telegramMessage } from '../../../src/testing/index.ts';
import { openMessagesPeer } from '../../fakes/anthropic/peer.ts';
import { openChatPeer } from '../../fakes/openai/peer.ts';
import { openResponsesPeer, said } from '../../fakes/openai/responses-peer.ts';
import { makeLifetime } from '../crashes/process-lifetime.ts';
import { makeProcess, makeWorld, type ProcessOptions, until } from '../support/harness.ts';
import { ask, chat, running } from '../support/turn-harness.ts';

const calling = (...ids: string[]): ScriptedStep => ({
  text: 'I look.',
  toolCalls: ids.map((id) => ({ id, tool: 'make_promise', input: { id } })),
});
/** Where a turn of two replies with two calls each is cut. Tools that decide run one by one. */
const PLACES = [{ request: 1 }, { call: 1 }, { call: 2 }, { request: 2 }, { call: 3 }, { call: 4 }, { request: 3 }] as const;

/** A provider that refuses what breaks a rule of its API, and says "Fine." to all else. */
const PROVIDERS = {
  anthropic: async () => {
    const peer = await openMessagesPeer(Array.from({ length: 3 }, () => ({ content: [{ type: 'text', text: 'Fine.' }] })));
    const model = makeAnthropicModel({ client: createAnthropicClient({ apiKey: 'test', baseUrl: peer.url }), model: 'claude-test' });
    return { model, peer, close: () => peer[Symbol.asyncDispose]() };
  },
  'openai chat': async () => {
    const peer = await openChatPeer(() => [
      { model: 'gpt-test-1', choices: [{ index: 0, delta: { content: 'Fine.' }, finish_reason: 'stop' }] },
    ]);
    const model = makeOpenAiModel({ client: createOpenAiClient({ apiKey: 'test', baseUrl: peer.url }), model: 'gpt-test' });
    return { model, peer, close: peer.close };
  },
  'openai responses': async () => {
    const peer = await openResponsesPeer(Array.from({ length: 3 }, () => ({ output: [said('Fine.')] })));
    const client = createOpenAiClient({ apiKey: 'test', baseUrl: peer.url });
    return { model: makeOpenAiModel({ client, model: 'gpt-5.5', api: 'responses' }), peer, close: () => peer[Symbol.asyncDispose]() };
  },
} as const;

/** A chat whose turn has come to that place. */
const upTo = async (place: (typeof PLACES)[number]) => {
  const world = makeWorld();
  let isThere = false;
  let calls = 0;
  const tool = buildTool({
    name: 'make_promise',
    effect: 'decides',
    timeoutMs: 60_000,
    run: (_, { signal }) => {
      if (!('call' in place) || ++calls !== place.call) return Promise.resolve({ output: 'seen', isError: false });
      isThere = true;
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    },
  });
  const script = [calling('a', 'b'), calling('c', 'd'), { text: 'Done.' }];
  const held = makeScriptedModel(
    script.map((step, at) => () => {
      isThere ||= 'request' in place && place.request === at + 1;
      return isThere ? { hang: true } : step;
    }),
  );
  const processWith = (model: LanguageModel, options: ProcessOptions = {}) => makeProcess(world, { model, tools: [tool], ...options });
  const life = makeLifetime();
  const process = processWith(held, { life });
  await process.receive(ask(1));
  const turn = process.answerChat(chat, running);
  await until(() => isThere, `the turn comes to ${JSON.stringify(place)}`);
  return { world, process, turn, life, processWith };
};

type Cut = (staged: Awaited<ReturnType<typeof upTo>>) => Promise<unknown>;
const CUTS: Readonly<Record<string, Cut>> = {
  'by /stop': async ({ process, turn }) => {
    await process.receive(ask(2, '/stop'));
    await turn;
    await process.answerChat(chat, running);
  },
  'by the end of its time': async ({ world, turn }) => {
    world.clock.advance(30_000);
    await turn;
  },
  'by the death of its process': async ({ life }) => life.end(),
};

describe('A turn that is cut', () => {
  for (const [how, cut] of Object.entries(CUTS))
    for (const [provider, open] of Object.entries(PROVIDERS))
      it(`${how}, at each place, leaves a conversation that ${provider} accepts`, async () => {
        for (const place of PLACES) {
          const staged = await upTo(place);
          await cut(staged);
          const { model, peer, close } = await open();
          try {
            const next = staged.processWith(model);
            await next.receive(ask(3, 'And now?'));
            while (await next.answerChat(chat, running));
            const [reply] = await staged.world.storage.stores.outbox.answering(chat, telegramMessage(3));
            expect(reply?.text, JSON.stringify(place)).to.equal('Fine.');
            expect(peer.broken, JSON.stringify(place)).to.deep.equal([]);
          } finally {
            await close();
          }
        }
      });
});
