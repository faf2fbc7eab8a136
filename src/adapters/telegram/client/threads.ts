import { Api } from 'telegram/tl/index.js';

/** The topic that is there in every forum, and stands for the room itself. Its number is never sent. */
const GENERAL = 1;

type Header = Api.TypeMessageReplyHeader | undefined;

/** The message that a thread starts with, as a reply names it (https://core.telegram.org/api/threads). */
const topOf = ({ replyToTopId, replyToMsgId, replyToPeerId }: Api.MessageReplyHeader): number | undefined => {
  // What is replied to may be in another chat; the thread never is.
  return replyToTopId || (replyToPeerId ? undefined : replyToMsgId) || undefined;
};

/** The topic of a forum or of a private chat that a message stands in; undefined in the room itself. */
export const topicIn = (header: Header): number | undefined => {
  const topic = header instanceof Api.MessageReplyHeader && header.forumTopic ? topOf(header) : undefined;
  return topic === GENERAL ? undefined : topic;
};

/** What a chain of replies outside of topics starts with. In a discussion group that may be a channel's post. */
export const chainIn = (header: Header): number | undefined =>
  header instanceof Api.MessageReplyHeader && !header.forumTopic ? topOf(header) : undefined;

/** Whether a message stands in that thread; without one, in no topic. */
export const standsIn = (header: Header, thread: number | undefined): boolean =>
  thread === undefined ? topicIn(header) === undefined : (topicIn(header) ?? chainIn(header)) === thread;

/** The message that a message of that thread replies to. What replies to nothing there names the thread's top. */
export const repliedIn = (header: Header, thread: number | undefined): number | undefined => {
  const replied = header instanceof Api.MessageReplyHeader ? header.replyToMsgId : undefined;
  return replied === thread ? undefined : replied || undefined;
};

/**
 * What a message replies to, and in which thread. It stays in that thread even if the message that it replies to is
 * deleted meanwhile (https://core.telegram.org/constructor/inputReplyToMessage).
 */
export const replyIn = (thread: number | undefined, replyTo: number | undefined): Api.InputReplyToMessage | undefined => {
  const replyToMsgId = replyTo ?? thread;
  if (replyToMsgId === undefined) return undefined;
  return new Api.InputReplyToMessage({ replyToMsgId, ...(thread === undefined ? {} : { topMsgId: thread }) });
};
