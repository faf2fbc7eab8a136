import type { IncomingMessage, OutboxItem } from '../../../src/domain/index.ts';
import { buildMessage, makeScriptedModel, type ScriptedStep, telegramChat, telegramMessage } from '../../../src/testing/index.ts';
import { makeProcess, makeWorld, type ProcessOptions, type World } from './harness.ts';

export const chat = telegramChat(501);
export const never = () => Promise.reject(new Error('called'));
export const running = new AbortController().signal;
export const ask = (n: number, text = `question ${n}`) => buildMessage({ messageId: telegramMessage(n), text });
export const promising = (...descriptions: string[]): ScriptedStep => ({
  toolCalls: descriptions.map((description, i) => ({ id: `c${i}`, tool: 'make_promise', input: { description } })),
});
export const cancelling = (id: number): ScriptedStep => ({ toolCalls: [{ id: 'x', tool: 'cancel_promise', input: { id } }] });

export const stage = async (
  script: Parameters<typeof makeScriptedModel>[0],
  messages: readonly IncomingMessage[] = [ask(1)],
  options: ProcessOptions & { readonly world?: World } = {},
) => {
  const { world = makeWorld() } = options;
  const model = makeScriptedModel(script);
  const process = makeProcess(world, { model, ...options });
  for (const message of messages) await process.receive(message);
  const { stores } = world.storage;
  const pending = async (): Promise<readonly OutboxItem[]> =>
    (await Promise.all(Array.from({ length: 20 }, (_, i) => stores.outbox.get((i + 1) as OutboxItem['id'])))).filter(
      (item) => item !== undefined,
    );
  return {
    world,
    model,
    process,
    stores,
    pending,
    verdict: async (n: number) => (await stores.messages.get(chat, telegramMessage(n)))?.verdict,
  };
};
