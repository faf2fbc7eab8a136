import { type ConversationStep, type ToolCall, withoutOrphans } from './conversation.ts';

/**
 * The conversation as every model API takes it: no orphaned tool exchange, no blank text, and tool call ids that are unique and of
 * plain characters. Ids need this because a conversation may have been led by several models, and some makers number
 * their calls anew in every reply or use characters that others refuse.
 */
export const modelConversation = (steps: readonly ConversationStep[]): ConversationStep[] => {
  const used = new Set<string>();
  let current = new Map<string, string>();
  return withoutOrphans(steps).flatMap((step): ConversationStep[] => {
    if (step.role === 'tool') return [{ ...step, callId: current.get(step.callId) ?? step.callId }];
    if (step.role === 'person') return isBlank(step.text) ? [] : [step];
    current = new Map(step.toolCalls.map(({ id }) => [id, claimId(id, used)]));
    const toolCalls = step.toolCalls.map((call): ToolCall => ({ ...call, id: current.get(call.id) ?? call.id }));
    return isBlank(step.text) && toolCalls.length === 0 ? [] : [{ ...step, toolCalls }];
  });
};

/** The calls' input as the object that model APIs demand; what a model wrote that is no object stays readable in it. */
export const inputObject = (input: unknown): Readonly<Record<string, unknown>> =>
  typeof input === 'object' && input !== null && !Array.isArray(input) ? { ...input } : { invalid_input: input };

/** Names are worth their tokens only where several people speak. */
export const showsNames = (steps: readonly ConversationStep[]): boolean =>
  new Set(steps.flatMap((step) => (step.role === 'person' ? [step.name] : []))).size > 1;

/**
 * What a person said, with the name in front where it is to be shown; a name can't break out of its line. What was said to others
 * says so: it is context, and no request.
 */
export const spokenBy = (step: { readonly name: string; readonly text: string; readonly overheard?: true }, named: boolean): string => {
  const spoken = named || step.overheard ? `${step.name.replace(/\s+/g, ' ').trim()}: ${step.text}` : step.text;
  return step.overheard ? `(Overheard, not said to you) ${spoken}` : spoken;
};

export const isBlank = (text: string): boolean => text.trim() === '';

const claimId = (id: string, used: Set<string>): string => {
  let free = /^[A-Za-z0-9_-]{1,40}$/.test(id) ? id : `call_${used.size + 1}`;
  for (let n = used.size + 1; used.has(free); n++) free = `call_${n}`;
  used.add(free);
  return free;
};
