import { expect } from 'chai';
import { CHAT_AGENT } from '../../../src/application/index.ts';
import type { AccessPolicy, PromiseId } from '../../../src/domain/index.ts';
import {
  buildMessage,
  buildPolicy,
  makeScriptedModel,
  type ScriptedStep,
  telegramChat,
  telegramMessage,
  telegramUser,
} from '../../../src/testing/index.ts';
import { makeLifetime } from '../crashes/process-lifetime.ts';
import { advance, makeProcess, makeWorld } from '../support/harness.ts';
import { dollars, held, list, PRICES, spent, used } from './stage.ts';

const agent = { ...CHAT_AGENT, tools: ['list'] };
/** By how far the run has come, whoever asks, and however often. */
const byProgress = (conversation: readonly { readonly role: string }[]): ScriptedStep => {
  const last = conversation.findLastIndex(({ role }) => role === 'person');
  const done = conversation.slice(last).filter(({ role }) => role === 'tool').length;
  return done < 2
    ? { text: 'I look.', toolCalls: [{ id: `c${done}`, tool: 'list', input: {} }], usage: used(100 * (done + 1)) }
    : { text: 'The train leaves at nine from platform 4.', usage: used(400) };
};
const model = () =>
  makeScriptedModel(
    Array.from(
      { length: 20 },
      () =>
        ({ conversation }) =>
          byProgress(conversation),
    ),
    'scripted/one',
  );
/** 100, 200 and 400 tokens at 10 dollars per million. */
const WHOLE = 7_000;
const chat = telegramChat(501);
const running = new AbortController().signal;
const PLACES: readonly (readonly [string, AccessPolicy])[] = [
  ['without a budget', buildPolicy()],
  ['within a budget', buildPolicy({ budget: dollars({ daily: 1_000_000_000 }) })],
];

describe('What a run pays for, whatever port call its process dies at', () => {
  for (const [where, policy] of PLACES) {
    it(`is in the ledger once, with its turn, and nothing stays reserved: ${where}`, async () => {
      let deaths = 0;
      for (let steps = 1; ; steps++) {
        const world = makeWorld();
        const life = makeLifetime();
        const options = { model: model(), prices: PRICES, policy, moreTools: [list], agent };
        const first = makeProcess(world, { ...options, life });
        await first.receive(buildMessage({ messageId: telegramMessage(1), text: 'look', sentAt: world.clock.now() }));
        life.endAfter(steps);
        void first.answerChat(chat, running).catch(() => undefined);
        await advance(world, 35_000, 5_000);
        const hasDied = life.ended;
        if (hasDied) deaths++;
        const next = makeProcess(world, { ...options, model: model() });
        await next.answerChat(chat, running);
        await advance(world, 35_000, 5_000);
        const total = await world.storage.stores.ledger.total({});
        expect([total.calls, total.cost, total.unpriced], `after ${life.endedAt}`).to.deep.equal([3, WHOLE, 0]);
        expect(await spent(world)).to.equal(WHOLE);
        expect(await held(world), `after ${life.endedAt}`).to.equal(0);
        const usage = await world.storage.stores.turns.usage(chat, 0);
        expect(usage.outputTokens, `after ${life.endedAt}`).to.equal(total.outputTokens);
        if (!hasDied) break;
      }
      expect(deaths).to.be.above(8);
    });

    it(`is in the ledger once, with its promise: ${where}`, async () => {
      let deaths = 0;
      // Every third port call: each run takes a while.
      for (let steps = 1; ; steps += 3) {
        const world = makeWorld();
        const life = makeLifetime();
        const options = { model: model(), prices: PRICES, policy, moreTools: [list], agent, executor: 'agent' as const };
        const first = makeProcess(world, { ...options, life });
        await first.make({ description: 'look' }, { chatId: chat, chatKind: 'direct', requestedBy: { id: telegramUser(501) } });
        life.endAfter(steps);
        first.worker.start();
        await advance(world, 40_000, 5_000);
        const hasDied = life.ended;
        if (hasDied) deaths++;
        else await first.worker.stop(0);
        const next = makeProcess(world, { ...options, model: model() });
        next.worker.start();
        await advance(world, 90_000, 5_000);
        await next.worker.stop(0);
        const promise = await world.storage.stores.promises.get(1 as PromiseId);
        expect(promise?.status, `after ${life.endedAt}`).to.equal('completed');
        const total = await world.storage.stores.ledger.ofPromise(1 as PromiseId);
        expect([total.calls, total.cost], `after ${life.endedAt}`).to.deep.equal([3, WHOLE]);
        expect(await held(world), `after ${life.endedAt}`).to.equal(0);
        if (!hasDied) break;
      }
      expect(deaths).to.be.above(4);
    });
  }
});
