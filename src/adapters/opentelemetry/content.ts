import { type ConversationStep, excerpt } from '../../domain/index.ts';
import { type Content, type Redact, redactedJson } from '../../ports/index.ts';
import { GEN_AI } from './conventions.ts';
import type { Attributes } from './span.ts';

/** The longest text of one part, and of one attribute, in UTF-16 units. */
const MAX_PART = 4_096;
const MAX_CONTENT = 16_384;

/** Attributes that hold what was said. */
export const CONTENT: ReadonlySet<string> = new Set([
  GEN_AI.inputMessages,
  GEN_AI.outputMessages,
  GEN_AI.instructions,
  GEN_AI.toolArguments,
  GEN_AI.toolResult,
]);

/** What was said, redacted, in the form of the conventions. */
export const contentAttributes = (content: Content, redact: Redact): Attributes => {
  const text = (raw: string): string => excerpt(redact(raw), MAX_PART);
  const json = (value: unknown): string => excerpt(redactedJson(value, redact), MAX_PART);
  if (content.type === 'tool-content') return { [GEN_AI.toolArguments]: json(content.input), [GEN_AI.toolResult]: text(content.output) };
  const part = (said: string): object => ({ type: 'text', content: text(said) });
  const call = ({ id, tool, input }: { readonly id: string; readonly tool: string; readonly input: unknown }): object => ({
    type: 'tool_call',
    id: text(id),
    name: text(tool),
    arguments: json(input),
  });
  const message = (step: ConversationStep): object => {
    if (step.role === 'person') return { role: 'user', name: text(step.name), parts: [part(step.text)] };
    if (step.role === 'agent') return { role: 'assistant', parts: [part(step.text), ...step.toolCalls.map(call)] };
    return { role: 'tool', parts: [{ type: 'tool_call_response', id: text(step.callId), response: text(step.output) }] };
  };
  const { asked, instructions, replied } = content;
  const request = {
    [GEN_AI.instructions]: whole([part(instructions)]),
    [GEN_AI.inputMessages]: whole(lastOf(asked, message)),
  };
  if ('failed' in replied) return request;
  return {
    ...request,
    [GEN_AI.outputMessages]: whole([
      { role: 'assistant', parts: [part(replied.text), ...replied.toolCalls.slice(0, 16).map(call)], finish_reason: replied.stop },
    ]),
  };
};

/** The last messages that have room. */
const lastOf = (asked: readonly ConversationStep[], message: (step: ConversationStep) => object): readonly object[] => {
  const kept: object[] = [];
  let length = 0;
  for (const step of asked.toReversed()) {
    const each = message(step);
    length += JSON.stringify(each).length;
    if (length > MAX_CONTENT) break;
    kept.unshift(each);
  }
  return kept;
};

const whole = (value: unknown): string => {
  const text = JSON.stringify(value);
  // Half of it would be no JSON.
  return text.length <= 2 * MAX_CONTENT ? text : JSON.stringify([{ type: 'text', content: `left out: ${text.length} characters` }]);
};
