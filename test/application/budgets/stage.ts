import { type AccessPolicy, type Budget, type MessageId, moneyOf, NO_USAGE, type Prices, type Usage } from '../../../src/domain/index.ts';
import {
  buildMessage,
  buildPolicy,
  buildTool,
  makeScriptedModel,
  type ScriptedStep,
  telegramChat,
  telegramMessage,
} from '../../../src/testing/index.ts';
import { makeProcess, makeWorld, type Process, type World } from '../support/harness.ts';

export const DAY_MS = 86_400_000;
export const PRICES: Prices = new Map([
  ['scripted/one', { tokens: { input: 0, output: 10 }, asOf: '2026-11-29' }],
  ['scripted/cheap', { tokens: { input: 0, output: 1 }, asOf: '2026-11-29' }],
  ['web/search', { call: 0.005, asOf: '2026-11-29' }],
]);
/** What a reply of the greatest length costs: its reservation, too. */
export const FULL = 320_000;
export const used = (outputTokens: number): Usage => ({ ...NO_USAGE, inputTokens: 7, outputTokens });
export const reply = (text: string, outputTokens = 1_000): ScriptedStep => ({ text, usage: used(outputTokens) });
export const dollars = (budget: Partial<Record<'daily' | 'monthly' | 'perPromise', number>>, more: Partial<Budget> = {}): Budget => ({
  warnAt: 0.8,
  path: 'budget',
  ...more,
  ...Object.fromEntries(Object.entries(budget).map(([key, amount]) => [key, moneyOf(amount)])),
});
/** A tool that reads, and that has no price. */
export const list = buildTool({ name: 'list' });
export const spent = async ({ storage }: World): Promise<number> => (await storage.stores.ledger.total({})).cost;
export const held = async ({ storage, clock }: World): Promise<number> => storage.stores.ledger.reserved(clock.now());

export const stage = (script: readonly ScriptedStep[], policy: Partial<AccessPolicy>, options: Parameters<typeof makeProcess>[1] = {}) => {
  const world = makeWorld();
  const model = makeScriptedModel(script, 'scripted/one');
  const process = makeProcess(world, { model, prices: PRICES, policy: buildPolicy(policy), executor: 'agent', ...options });
  let asked = 0;
  const say = async (text = 'hello'): Promise<string> => {
    const messageId = telegramMessage(++asked);
    await process.receive(buildMessage({ messageId, text, sentAt: world.clock.now() }));
    await process.answerChat(telegramChat(501), new AbortController().signal);
    return answerTo(world, messageId);
  };
  return { world, model, process, say };
};

export const answerTo = async ({ storage }: World, messageId: MessageId, chat = telegramChat(501)): Promise<string> =>
  (await storage.stores.outbox.answering(chat, messageId)).at(-1)?.text ?? '';
export const stops = ({ recorded }: Process) => recorded.events.flatMap((event) => (event.type === 'budget-stopped' ? [event.path] : []));
