import { makeExplainMessage } from '../../../src/application/inbox/explain-message.ts';
import { buildMessage, makeScriptedModel, type ScriptedStep, telegramChat, telegramMessage } from '../../../src/testing/index.ts';
import { makeProcess, makeWorld, type ProcessOptions } from './harness.ts';

export const chat = telegramChat(501);
export const running = new AbortController().signal;
export const CLAIM = "I'll look into it and get back to you.";
export const NOTHING = 'I have not started any background work for this.';
export const usage = { inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4 };
export const promising = (description: string): ScriptedStep => ({
  toolCalls: [{ id: 'c', tool: 'make_promise', input: { description } }],
  usage,
});
export const cancelling = (id: number): ScriptedStep => ({ toolCalls: [{ id: 'x', tool: 'cancel_promise', input: { id } }] });

/** A process that has received one question. `outcome` tells what became of it. */
export const stage = async (script: Parameters<typeof makeScriptedModel>[0], options: ProcessOptions = {}, text = 'Why is it slow?') => {
  const world = makeWorld();
  const model = makeScriptedModel(script);
  const process = makeProcess(world, { model, ...options });
  await process.receive(buildMessage({ text }));
  const { stores } = world.storage;
  const outcome = async () => {
    const [reply] = await stores.outbox.answering(chat, telegramMessage(1));
    const promises = await stores.promises.find({ limit: 10, newestFirst: false });
    const explained = await makeExplainMessage({ stores })(chat, telegramMessage(1));
    return { text: reply?.text, gate: explained?.turn?.gate, turn: explained?.turn, lines: explained?.lines ?? [], promises };
  };
  const gates = () => process.recorded.events.filter(({ type }) => type === 'answer-sent-back' || type === 'answer-rewritten');
  return { world, model, process, stores, outcome, gates, answer: () => process.answerChat(chat, running) };
};
