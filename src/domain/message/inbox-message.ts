import { chatFields } from '../chat/chat.ts';
import type { TurnId } from '../conversation/turn.ts';
import { present } from '../shared/present.ts';
import type { AccessDecision } from './access.ts';
import { attachmentFields, fetchedFields } from './attachment.ts';
import type { IncomingMessage, Sender } from './message.ts';
import { repliedFields } from './replied.ts';
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
export interface InboxMessage {
  readonly message: IncomingMessage;
  readonly receivedAt: number;
  /**
   * The delivery key of the reply to a turn that begins with this message, known before anything of it is sent: an
   * answer that is shown while it grows, and the one that is sent in the end, are one message, whatever process died
   * between the two. See `replyKeyOf`.
   */
  readonly replyKey: string;
  readonly access: AccessDecision;
  /** Absent when access was denied. */
  readonly response?: ResponseDecision;
  readonly verdict?: Verdict;
  /** When it was found to be gone from its chat, in ms since 1970: its text is gone, too. */
  readonly deletedAt?: number;
}

/** The verdict that stands as soon as a message is received; undefined while it waits for its turn. */
export const immediateVerdict = (access: AccessDecision, response?: ResponseDecision): Verdict | undefined => {
  if (!access.allowed || !response) return { kind: 'denied' };
  if (response.action === 'ignore') return { kind: 'ignored' };
  return response.action === 'remember' ? { kind: 'remembered' } : undefined;
};

// What is stored is taken field by field: a wider object fits each of these types, and is not to be stored whole.

export const senderFields = ({ id, kind, username, displayName }: Sender): Sender => ({ id, kind, ...present({ username, displayName }) });
export const accessFields = ({ allowed, rule, path }: AccessDecision): AccessDecision => ({ allowed, rule, path });
export const responseFields = ({ action, rule }: ResponseDecision): ResponseDecision => ({ action, rule });

export const verdictFields = (verdict: Verdict): Verdict => {
  if (verdict.kind === 'failed') return { kind: verdict.kind, turnId: verdict.turnId, reason: verdict.reason };
  return verdict.kind === 'answered' ? { kind: verdict.kind, turnId: verdict.turnId } : { kind: verdict.kind };
};

/** A record and nothing else. That a message is an edit is known while it is received, and not kept. */
export const inboxMessageFields = ({
  message,
  receivedAt,
  replyKey: replyRandomId,
  access,
  response,
  verdict,
  deletedAt,
}: InboxMessage): InboxMessage => ({
  message: {
    chat: chatFields(message.chat),
    messageId: message.messageId,
    sender: senderFields(message.sender),
    text: message.text,
    sentAt: message.sentAt,
    ...present({
      replyTo: message.replyTo,
      replied: message.replied && repliedFields(message.replied),
      addressedTo: message.addressedTo,
      editedAt: message.editedAt,
      forwarded: message.forwarded,
      parts: message.parts?.map(({ messageId, text }) => ({ messageId, text })),
      attachments: message.attachments?.map(attachmentFields),
      files: message.files?.map(fetchedFields),
    }),
  },
  receivedAt,
  replyKey: replyRandomId,
  access: accessFields(access),
  ...present({ response: response && responseFields(response), verdict: verdict && verdictFields(verdict), deletedAt }),
});
