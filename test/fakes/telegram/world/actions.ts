import { present } from '../../../../src/domain/shared/present.ts';
import { rpcError } from '../rpc-error.ts';
import type { TlObject } from '../tl/value.ts';
import { container, deliver, deliverDeletion, deliverEdit, push, short } from './deliver.ts';
import { withFoundEntities } from './entities.ts';
import { formatted } from './formatting.ts';
import { peerOf, renderReactions } from './render.ts';
import { type Chat, type Message, mailboxOf, messageIdFor, participants, sees, type User, userOf, type WorldState } from './state.ts';
import { generalOf, managesTopics, threadOfReply, topicOf } from './threads.ts';

/** A message before it is posted. */
export interface Draft {
  readonly text: string;
  readonly entities?: readonly TlObject[];
  readonly inNameOf?: number;
  readonly replyTo?: Message;
  /** The first message of its thread; by default the thread of the message that it replies to. */
  readonly thread?: Message;
  readonly forward?: TlObject;
  readonly forwardOf?: Message;
  readonly media?: TlObject;
  readonly markup?: TlObject;
  readonly groupedId?: bigint;
  readonly silent?: boolean;
  /** It does not mark anybody as mentioned. */
  readonly mentioned?: false;
  readonly action?: TlObject;
  readonly randomId?: bigint;
  /** Seconds since 1970; now by default. */
  readonly date?: number;
}

/** A basic group that has become a supergroup is read-only for everybody. */
export const refuseMigrated = (chat: Chat): void => {
  if (chat.kind === 'group' && chat.migratedTo) throw rpcError(chat.refusedAs ?? 'PEER_ID_INVALID');
};

const checkMay = (state: WorldState, author: User, chat: Chat): void => {
  refuseMigrated(chat);
  if (chat.kind === 'dm') {
    const other = userOf(state, chat.users[0] === author.id ? chat.users[1] : chat.users[0]);
    if (author.isBot && other.isBot) throw rpcError('USER_IS_BOT');
    if (other.blocked.has(author.id)) throw rpcError('USER_IS_BLOCKED');
  } else if (!chat.members.get(author.id)?.canWrite) throw rpcError('CHAT_WRITE_FORBIDDEN');
};

/** Nobody can write in a deleted topic. Only creator and admins can write in a closed one. */
const checkTopic = (state: WorldState, author: User, chat: Chat, thread: Message | undefined): void => {
  const topic = topicOf(state, { chat, ...(thread ? { thread } : {}) }) ?? generalOf(state, chat);
  if (topic?.deleted) throw rpcError('TOPIC_DELETED');
  if (topic?.closed && !managesTopics(chat, author)) throw rpcError('TOPIC_CLOSED');
};

/** Posts the message under the rules of Telegram's servers, and tells everybody except the session `origin`. */
export const post = (state: WorldState, author: User, chat: Chat, draft: Draft, origin?: object): Message => {
  checkMay(state, author, chat);
  const thread = draft.thread ?? (draft.replyTo && threadOfReply(state, draft.replyTo));
  /* A reply to the message that created a topic is an ordinary message in that topic. */
  const replyTo = draft.replyTo && topicOf(state, { chat, thread: draft.replyTo }) ? undefined : draft.replyTo;
  if (!draft.action) checkTopic(state, author, chat, thread);
  const { text, entities } = formatted(draft.text, draft.entities ?? [], {
    isCaption: draft.media !== undefined,
    mayBeEmpty: draft.media !== undefined || draft.action !== undefined,
  });
  const message: Message = {
    chat,
    from: author.id,
    date: draft.date ?? state.now(),
    text,
    entities: draft.action ? [] : withFoundEntities(text, entities),
    silent: draft.silent ?? false,
    deleted: false,
    reactions: new Map(),
    ids: new Map(),
    ...present({ inNameOf: draft.inNameOf }),
    ...present({ replyTo, thread, forward: draft.forward, forwardOf: draft.forwardOf }),
    ...present({ mentioned: draft.mentioned }),
    ...(draft.media ? { media: draft.media } : {}),
    ...present({ markup: draft.markup }),
    ...present({ groupedId: draft.groupedId }),
    ...(draft.action ? { action: draft.action } : {}),
    ...present({ randomId: draft.randomId }),
  };
  deliver(state, message, origin);
  return message;
};

const sameEntities = (one: readonly TlObject[], other: readonly TlObject[]): boolean =>
  JSON.stringify(one, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)) ===
  JSON.stringify(other, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));

export const edit = (
  state: WorldState,
  author: User,
  message: Message,
  change: { readonly text: string; readonly entities?: readonly TlObject[]; readonly markup?: TlObject },
  origin?: object,
): void => {
  refuseMigrated(message.chat);
  if (message.deleted || message.action) throw rpcError('MESSAGE_ID_INVALID');
  if (message.from !== author.id) throw rpcError('MESSAGE_AUTHOR_REQUIRED');
  const { text, entities } = formatted(change.text, change.entities ?? [], {
    isCaption: message.media !== undefined,
    mayBeEmpty: message.media !== undefined,
  });
  const found = withFoundEntities(text, entities);
  const sameButtons = sameEntities(change.markup ? [change.markup] : [], message.markup ? [message.markup] : []);
  if (text === message.text && sameButtons && sameEntities(found, message.entities)) throw rpcError('MESSAGE_NOT_MODIFIED');
  Object.assign(message, { text, entities: found, markup: change.markup, editDate: state.now() });
  deliverEdit(state, message, { id: author.id, origin });
};

export const remove = (state: WorldState, actor: User, messages: readonly Message[]): { pts: number; ptsCount: number } =>
  deliverDeletion(state, messages, actor);

const allowed = ({ chat }: Message, reactions: readonly TlObject[]): boolean =>
  chat.kind === 'dm' || !chat.allowedReactions || reactions.every(({ emoticon }) => chat.allowedReactions?.includes(String(emoticon)));

/**
 * Sets a user's reactions to a message. This is an edit that clients do not show (`edit_hide`), except in the direct
 * chats of a bot. Bots hear who reacted, under their qts, in direct chats and where they are admins. Returns the
 * updates for the actor's own session.
 */
export const react = (
  state: WorldState,
  actor: User,
  message: Message,
  reactions: readonly TlObject[],
  origin?: object,
): readonly TlObject[] => {
  refuseMigrated(message.chat);
  const before = message.reactions.get(actor.id) ?? [];
  if (!allowed(message, reactions)) throw rpcError('REACTION_INVALID');
  if (sameEntities(before, reactions)) throw rpcError('MESSAGE_NOT_MODIFIED');
  if (reactions.length === 0) message.reactions.delete(actor.id);
  else message.reactions.set(actor.id, reactions);
  message.hiddenEditDate = state.now();
  for (const viewer of participants(message.chat).map((userId) => userOf(state, userId)))
    if (viewer.id !== actor.id && sees(state, message, viewer) && isToldOfReactions(message.chat, viewer)) {
      const mailbox = mailboxOf(state, viewer.id);
      mailbox.qts++;
      const told = {
        peer: peerOf(message.chat, viewer.id),
        msgId: messageIdFor(state, message, viewer.id),
        date: state.now(),
        actor: { _: 'peerUser', userId: actor.id },
        oldReactions: before,
        newReactions: reactions,
        qts: mailbox.qts,
      };
      const update = { _: 'updateBotMessageReaction', ...told };
      mailbox.qtsEvents.push({ qts: mailbox.qts, update });
      push(state, viewer, container(state, viewer, [update], { messages: [message] }));
    }
  return deliverEdit(
    state,
    message,
    { id: actor.id, origin },
    {
      isTold: (viewer) => message.chat.kind !== 'dm' || !viewer.isBot,
      more: (viewer) => [
        {
          _: 'updateMessageReactions',
          peer: peerOf(message.chat, viewer.id),
          msgId: messageIdFor(state, message, viewer.id),
          reactions: renderReactions(message, viewer),
        },
      ],
    },
  );
};

const isToldOfReactions = (chat: Chat, viewer: User): boolean =>
  viewer.isBot && (chat.kind === 'dm' || chat.members.get(viewer.id)?.role === 'admin');

/** Changes a message without changing its text. */
export const editHidden = (state: WorldState, message: Message): void => {
  message.hiddenEditDate = state.now();
  deliverEdit(state, message, { id: message.from });
};

/** Shows everybody else in the chat, or in one thread of it, that a user types, records, uploads, … */
export const showAction = (state: WorldState, actor: User, chat: Chat, action: TlObject, thread?: Message): void => {
  refuseMigrated(chat);
  const fromId = { _: 'peerUser', userId: actor.id };
  for (const viewer of participants(chat).map((userId) => userOf(state, userId))) {
    if (viewer.id === actor.id) continue;
    const topMsgId = thread && messageIdFor(state, thread, viewer.id);
    const update =
      chat.kind === 'dm'
        ? { _: 'updateUserTyping', userId: actor.id, topMsgId, action }
        : chat.kind === 'group'
          ? { _: 'updateChatUserTyping', chatId: chat.id, fromId, action }
          : { _: 'updateChannelUserTyping', channelId: chat.id, topMsgId, fromId, action };
    push(state, viewer, short(state, update));
  }
};
