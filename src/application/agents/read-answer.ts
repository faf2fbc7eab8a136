import { MAX_ANSWER_LENGTH } from '../../domain/agent/agent.ts';
import { present } from '../../domain/shared/present.ts';
import type { ModelReply } from '../../ports/language-model.ts';
import type { Redact } from '../../ports/redact.ts';
import { CUT_NOTE, redactBeginning, redactedBeginning } from '../tools/redact-beginning.ts';

/** A reply. `brokeOff`: the model failed, and the text is what had arrived. */
export type AskedReply = ModelReply & { readonly brokeOff?: true };

/** Why a reply is no answer: the model declined, said nothing, or called tools to the last step. */
export type Unanswered = 'refused' | 'empty' | 'out-of-steps';

/**
 * The last reply of a run as an answer for people, never empty, and the name of its model. If the reply says nothing,
 * the answer is `saidBefore`: what the model said beside its calls.
 */
export const readAnswer = (
  reply: AskedReply,
  redact: Redact,
  saidBefore = '',
): { readonly text: string; readonly model: string; readonly unanswered?: Unanswered } => {
  const isSilent = isEmpty(reply) && saidBefore.trim() !== '';
  const answer = isSilent ? { ...reply, text: saidBefore } : reply;
  return {
    text: textOf(answer, redact),
    model: redactBeginning(redact, inLine(reply.model), MAX_MODEL_NAME_LENGTH),
    ...present({ unanswered: unansweredBy(answer) }),
  };
};

/** True if the reply ended without a text and without a call. */
export const isEmpty = ({ text, stop, toolCalls }: ModelReply): boolean => stop === 'end' && toolCalls.length === 0 && text.trim() === '';

const MAX_MODEL_NAME_LENGTH = 100;
const MAX_REFUSAL_LENGTH = 300;

const textOf = (reply: AskedReply, redact: Redact): string => {
  if (reply.stop === 'refusal') return refusalOf(reply, redact);
  const { text, isCut } = redactedBeginning(redact, reply.text.trim(), MAX_ANSWER_LENGTH);
  if (reply.brokeOff) return `${text}\n\n${BROKE_OFF_NOTE}`;
  if (text === '') return reply.stop === 'length' ? ONLY_THOUGHT : SAID_NOTHING;
  return isCut || reply.stop === 'length' ? `${text}\n\n${CUT_NOTE}` : text;
};

/** The text that a model began before it declined is not shown. */
const refusalOf = ({ refusal = '' }: ModelReply, redact: Redact): string => {
  const why = redactBeginning(redact, inLine(refusal), MAX_REFUSAL_LENGTH);
  return why === '' ? 'The model declined to answer this.' : `The model declined to answer this: ${why}`;
};

const inLine = (text: string): string => text.replace(/[\s\p{C}]+/gu, ' ').trim();

const SAID_NOTHING = 'The model ended without an answer. Please ask again, perhaps in other words.';
const ONLY_THOUGHT =
  'The model used up its greatest length while it was still thinking, and came to no answer. Please ask for less at once.';
/** The note below a text whose model failed before its end. */
const BROKE_OFF_NOTE = '(The answer breaks off here: the model failed before its end.)';

const unansweredBy = ({ text, stop, toolCalls }: ModelReply): Unanswered | undefined => {
  if (stop === 'refusal') return 'refused';
  if (toolCalls.length > 0) return 'out-of-steps';
  return text.trim() === '' ? 'empty' : undefined;
};
