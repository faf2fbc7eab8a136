import { buildMessage, makeScriptedModel, telegramChat, telegramMessage } from '../../../src/testing/index.ts';
import { makeProcess, makeWorld, type ProcessOptions } from './harness.ts';

export const chat = telegramChat(501);
export const running = new AbortController().signal;
export const messages = (...numbers: number[]) => numbers.map(telegramMessage);
export const write = (n: number, text: string) => buildMessage({ messageId: telegramMessage(n), text });

export const stage = (script: Parameters<typeof makeScriptedModel>[0] = [], options: ProcessOptions = {}, world = makeWorld()) => {
  const model = makeScriptedModel(script);
  const process = makeProcess(world, { model, ...options });
  const { stores } = world.storage;
  /** What answers message `n`: each as its text and the messages that it answers. */
  const replies = async (n: number, where = chat) =>
    (await stores.outbox.answering(where, telegramMessage(n))).map(({ text, answers }) => [text, answers] as const);
  const say = async (n: number, text: string): Promise<string> => {
    await process.receive(write(n, text));
    await process.answerChat(chat, running);
    const [reply] = await replies(n);
    return reply?.[0] ?? '';
  };
  return { world, model, process, stores, replies, say };
};
