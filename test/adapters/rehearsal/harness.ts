import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import * as answers from '../../../src/adapters/rehearsal/answers.ts';
import { makeRehearsalModel } from '../../../src/adapters/rehearsal/index.ts';
import type { ConversationStep, ToolCall } from '../../../src/domain/conversation/conversation.ts';
import { telegramMessage } from '../../../src/testing/index.ts';
import { aRequest, ask } from '../../support/model-peer.ts';

export const { help, SIGNATURE } = answers;
export const TOPICS = ['hello', 'nod', 'thanks', 'bye', 'time', 'word', 'who', 'model'] as const;
export const page = readFileSync(new URL('../../../docs/reference/rehearsal.md', import.meta.url), 'utf8');
export const examples = [...page.matchAll(/^```text ([\w-]+)\n(.*?)\n```$/gms)].flatMap(([, kind, lines]) =>
  (lines ?? '').split('\n').map((line) => [kind, line] as const),
);

export const TOOLS = [
  'make_promise',
  'list_promises',
  'cancel_promise',
  'schedule_promise',
  'list_schedules',
  'cancel_schedule',
  'read_file',
  'list_files',
  'search_files',
].map((name) => ({
  name,
  description: name,
  inputSchema: { type: 'object' },
}));
export const person = (text: string, id?: number): ConversationStep => ({
  role: 'person',
  name: 'Ada',
  text,
  ...(id === undefined ? {} : { messageId: telegramMessage(id) }),
});
export const say = (conversation: readonly ConversationStep[], tools = TOOLS) =>
  ask(makeRehearsalModel(), aRequest({ conversation, tools }));

/** Plays the agent's loop: answers each call by `tool`, until there is a reply without calls. */
export const play = async (said: readonly ConversationStep[], tool: (call: ToolCall) => string | { error: string }) => {
  const conversation = [...said];
  const rounds: (readonly ToolCall[])[] = [];
  for (let step = 0; step < 10; step++) {
    const { reply } = await say(conversation);
    if (!reply || reply.toolCalls.length === 0) return { text: reply?.text ?? '', rounds, conversation };
    expect(reply.stop).to.equal('tool_calls');
    rounds.push(reply.toolCalls);
    conversation.push({ role: 'agent', text: reply.text, toolCalls: reply.toolCalls });
    for (const call of reply.toolCalls) {
      const output = tool(call);
      const isError = typeof output !== 'string';
      conversation.push({ role: 'tool', callId: call.id, tool: call.tool, output: isError ? output.error : output, isError });
    }
  }
  throw new Error('it never came to an answer');
};
