import { MAX_ANSWER_LENGTH } from '../../domain/agent/agent.ts';
import type { Usage } from '../../domain/conversation/turn.ts';
import { present } from '../../domain/shared/present.ts';
import type { ModelReply } from '../../ports/language-model.ts';
import type { Redact } from '../../ports/redact.ts';
import { CUT_NOTE, redactBeginning, redactedBeginning } from './redact-beginning.ts';

/** Why a reply is no answer: the model declined, said nothing, or called tools to the last step. */
export type Unanswered = 'refused' | 'empty' | 'out-of-steps';

/** The last reply of a run as an answer for people, which is never empty, and the name of the model that gave it. */
export const readAnswer = (
  reply: ModelReply,
  redact: Redact,
): { readonly text: string; readonly model: string; readonly unanswered?: Unanswered } => ({
  text: textOf(reply, redact),
  model: redactBeginning(redact, reply.model.replace(/[\s\p{C}]+/gu, ' ').trim(), MAX_MODEL_NAME_LENGTH),
  ...present({ unanswered: unansweredBy(reply) }),
});

const MAX_MODEL_NAME_LENGTH = 100;

const textOf = (reply: ModelReply, redact: Redact): string => {
  const { text, isCut } = redactedBeginning(redact, reply.text.trim(), MAX_ANSWER_LENGTH);
  if (isCut || reply.stop === 'length') return `${text}\n\n${CUT_NOTE}`.trim();
  if (text !== '') return text;
  return reply.stop === 'refusal'
    ? 'The model declined to answer this.'
    : 'The model ended without an answer. Please ask again, perhaps in other words.';
};

const unansweredBy = ({ text, stop, toolCalls }: ModelReply): Unanswered | undefined => {
  if (stop === 'refusal') return 'refused';
  if (toolCalls.length > 0) return 'out-of-steps';
  return text.trim() === '' ? 'empty' : undefined;
};

/** What a provider counts, as whole numbers that a table can hold, whatever it sends. */
export const countable = ({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }: Usage): Usage => ({
  inputTokens: tokens(inputTokens),
  outputTokens: tokens(outputTokens),
  cacheReadTokens: tokens(cacheReadTokens),
  cacheWriteTokens: tokens(cacheWriteTokens),
});
const MAX_TOKENS = 1_000_000_000;
const tokens = (count: unknown): number => (typeof count === 'number' && count > 0 ? Math.min(MAX_TOKENS, Math.floor(count)) : 0);
