import { type ConversationStep, tokensOf } from '../../domain/conversation/conversation.ts';
import type { PaidRequest } from '../../ports/spending.ts';

/** What a request says beside its words: roles, and the names of its parts. */
const PER_STEP = 12;

/**
 * The most tokens that the input of a request is likely to have: three characters each where the rough count has four,
 * and one for each character that is no ASCII.
 */
export const inputTokensOf = ({ instructions, tools, conversation }: PaidRequest): number => {
  const declared = tokensIn(instructions) + tokensIn(JSON.stringify(tools));
  const steps = conversation.reduce((sum, step) => sum + PER_STEP + Math.ceil((tokensOf(step) * 4) / 3) + otherThanAscii(saidIn(step)), 0);
  const attached = conversation.reduce((sum, step) => sum + attachedIn(step), 0);
  return Math.ceil(declared + steps + attached);
};

const tokensIn = (text: string): number => text.length / 3 + otherThanAscii(text);

/** Two thirds of them, which the third that every character counts makes a whole. */
const otherThanAscii = (text: string): number => {
  let count = 0;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) count++;
  return Math.ceil((count * 2) / 3);
};

const saidIn = (step: ConversationStep): string => (step.role === 'tool' ? step.output : step.text);

const attachedIn = (step: ConversationStep): number =>
  step.role === 'agent' && step.attached !== undefined ? tokensIn(JSON.stringify(step.attached.content) ?? '') : 0;
