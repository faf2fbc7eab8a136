import type { TurnId } from '../conversation/turn.ts';
import type { AccessDecision } from './access.ts';
import type { IncomingMessage } from './message.ts';
import type { ResponseDecision } from './response.ts';

/** What became of a message, once and for all. A message to be answered has none until its turn commits. */
export type Verdict =
  | { readonly kind: 'denied' }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'remembered' }
  | { readonly kind: 'answered'; readonly turnId: TurnId }
  /** No answer could be made; the sender was told so, by the reply of that turn. */
  | { readonly kind: 'failed'; readonly turnId: TurnId; readonly reason: string };

/** A received message with everything that was decided about it. */
export interface MessageRecord {
  readonly message: IncomingMessage;
  readonly receivedAt: number;
  /**
   * The random id of the reply to a turn that begins with this message, drawn before anything of it is sent: an answer that is shown while
   * it grows, and the one that is sent in the end, are one message, whatever process died between the two.
   */
  readonly replyRandomId: string;
  readonly access: AccessDecision;
  /** Absent when access was denied. */
  readonly response?: ResponseDecision;
  readonly verdict?: Verdict;
}

/** The verdict that stands as soon as a message is received; undefined while it waits for its turn. */
export const immediateVerdict = (access: AccessDecision, response?: ResponseDecision): Verdict | undefined => {
  if (!access.allowed || !response) return { kind: 'denied' };
  if (response.action === 'ignore') return { kind: 'ignored' };
  return response.action === 'remember' ? { kind: 'remembered' } : undefined;
};
