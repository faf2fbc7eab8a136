import { sha256 } from '../shared/sha256.ts';
import type { IncomingMessage } from './message.ts';

/**
 * The same message has the same key, also where it is received once more because the database is an older state of
 * itself: the platform then drops the second answer.
 */
export const replyKeyOf = ({ chat, messageId, sentAt }: Pick<IncomingMessage, 'chat' | 'messageId' | 'sentAt'>): string =>
  `reply-${sha256(`${chat.id} ${messageId} ${sentAt}`).slice(0, 40)}`;
