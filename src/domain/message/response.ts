import { type AccessPolicy, workspaceOf } from '../workspace/policy.ts';
import type { IncomingMessage } from './message.ts';

/** What becomes of an allowed message: answer it, remember it as context, or ignore it. */
export interface ResponseDecision {
  readonly action: 'answer' | 'remember' | 'ignore';
  readonly rule: ResponseRule;
}

export type ResponseRule =
  | 'direct-message'
  | 'dev-group'
  | 'addressed-to-us'
  | 'addressed-to-other'
  | 'not-addressed'
  | 'other-bot'
  | 'empty'
  | 'edited-remains'
  | 'over-rate';

/**
 * Rule 2 of the message rules, for what was edited and is not known by its number: what was received by another one is
 * neither answered nor remembered again.
 */
export const decideResponseToEdit = (decided: ResponseDecision, edited: IncomingMessage['edited']): ResponseDecision =>
  edited === 'remains' ? { action: 'ignore', rule: 'edited-remains' } : decided;

/** Rules 1 and 5 of the message rules. Only for a message that the access decision allowed. */
export const decideResponse = (policy: AccessPolicy, message: IncomingMessage): ResponseDecision => {
  if (message.sender.kind === 'bot') return { action: 'remember', rule: 'other-bot' };
  if (message.text.trim() === '') return { action: 'ignore', rule: 'empty' };
  if (message.chat.kind === 'direct') return { action: 'answer', rule: 'direct-message' };
  if (message.addressedTo === 'us') return { action: 'answer', rule: 'addressed-to-us' };
  if (message.addressedTo === 'other') return { action: 'remember', rule: 'addressed-to-other' };
  return workspaceOf(policy, message.chat.id)?.isDevGroup
    ? { action: 'answer', rule: 'dev-group' }
    : { action: 'remember', rule: 'not-addressed' };
};
