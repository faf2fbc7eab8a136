import { excerpt, type InboxMessage } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import { iso } from './iso.ts';

const SHOWN_LENGTH = 200;

/** A message that came in, and what was decided on it, as JSON. Its text is cut; there is none of a deleted one. */
export const inboxMessageView = ({ message, receivedAt, access, response, verdict, deletedAt }: InboxMessage) => {
  const { chat, messageId, sender, text } = message;
  return {
    chatId: chat.id,
    ...present({ chatTitle: chat.title }),
    messageId,
    sender: { id: sender.id, kind: sender.kind, ...present({ username: sender.username, displayName: sender.displayName }) },
    text: excerpt(text, SHOWN_LENGTH),
    receivedAt: iso(receivedAt),
    verdict: verdict?.kind ?? ('open' as const),
    ...present({ reason: verdict?.kind === 'failed' ? verdict.reason : undefined }),
    access: { allowed: access.allowed, rule: access.rule, path: access.path },
    ...present({
      response: response && { action: response.action, rule: response.rule },
      deletedAt: deletedAt === undefined ? undefined : iso(deletedAt),
    }),
  };
};
