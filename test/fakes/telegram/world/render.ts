import { createHash } from 'node:crypto';
import { isTlObject, long, type TlObject } from '../tl/value.ts';
import {
  addresses,
  type Chat,
  type Group,
  groupOf,
  logOf,
  type Message,
  markedIdFor,
  participants,
  type User,
  userOf,
  type WorldState,
} from './state.ts';
import { messagesIn, topicOf } from './threads.ts';

/** The hash by which only this user can address that user or supergroup. It is never 0. */
export const accessHash = (viewerId: number, kind: 'user' | 'channel' | 'file', id: number | bigint): bigint =>
  createHash('sha256').update(`${viewerId}:${kind}:${id}`).digest().readBigInt64LE() | 1n;

export const renderUser = (user: User, viewer: User): TlObject => ({
  _: 'user',
  self: user.id === viewer.id,
  bot: user.isBot,
  botForumView: user.hasTopics,
  botForumCanManageTopics: user.hasTopics,
  botChatHistory: user.isBot && !user.privacyMode,
  id: user.id,
  accessHash: accessHash(viewer.id, 'user', user.id),
  firstName: user.firstName,
  lastName: user.lastName,
  username: user.username,
  phone: user.id === viewer.id ? user.phone : undefined,
  botInfoVersion: user.isBot ? 1 : undefined,
});

const BANNED_RIGHTS: TlObject = { _: 'chatBannedRights', untilDate: 0x7fffffff };

const inputChannelOf = (group: Group, viewer: User): TlObject => ({
  _: 'inputChannel',
  channelId: group.id,
  accessHash: accessHash(viewer.id, 'channel', group.id),
});

export const renderGroup = (group: Group, viewer: User): TlObject => {
  const member = group.members.get(viewer.id);
  const creator = member?.role === 'creator';
  const adminRights: TlObject | undefined =
    member && member.role !== 'member' ? { _: 'chatAdminRights', deleteMessages: true, banUsers: true, manageTopics: true } : undefined;
  if (group.kind === 'group')
    return {
      _: 'chat',
      creator,
      left: !member,
      id: group.id,
      title: group.title,
      photo: { _: 'chatPhotoEmpty' },
      participantsCount: group.members.size,
      date: group.date,
      version: 1,
      adminRights,
      defaultBannedRights: BANNED_RIGHTS,
      ...(group.migratedTo ? { deactivated: true, migratedTo: inputChannelOf(group.migratedTo, viewer) } : {}),
    };
  return {
    _: 'channel',
    creator,
    left: !member,
    broadcast: group.broadcast,
    megagroup: !group.broadcast,
    forum: group.topics !== undefined,
    hasLink: group.discusses !== undefined,
    id: group.id,
    accessHash: accessHash(viewer.id, 'channel', group.id),
    title: group.title,
    username: group.username,
    photo: { _: 'chatPhotoEmpty' },
    // The date when the viewer joined; for others, when the group was created.
    date: member?.since ?? group.date,
    adminRights,
    bannedRights: member && !member.canWrite ? { ...BANNED_RIGHTS, sendMessages: true, sendPlain: true } : undefined,
    defaultBannedRights: BANNED_RIGHTS,
    participantsCount: group.members.size,
  };
};

export const peerOf = (chat: Chat, viewerId: number): TlObject => {
  if (chat.kind === 'dm') return { _: 'peerUser', userId: markedIdFor(chat, viewerId) };
  return chat.kind === 'group' ? { _: 'peerChat', chatId: chat.id } : { _: 'peerChannel', channelId: chat.id };
};

const sameReaction = (one: TlObject, other: TlObject): boolean =>
  one._ === other._ && one.emoticon === other.emoticon && one.documentId === other.documentId;

export const renderReactions = (message: Message, viewer: User): TlObject => {
  const results: { reaction: TlObject; count: number; mine: boolean }[] = [];
  for (const [userId, reactions] of message.reactions)
    for (const reaction of reactions) {
      const known = results.find((each) => sameReaction(each.reaction, reaction));
      if (known) known.count++;
      const counted = known ?? { reaction, count: 1, mine: false };
      if (!known) results.push(counted);
      counted.mine ||= userId === viewer.id;
    }
  return {
    _: 'messageReactions',
    canSeeList: true,
    results: results.map(({ reaction, count, mine }, at) => ({ _: 'reactionCount', chosenOrder: mine ? at : undefined, reaction, count })),
  };
};

/**
 * The message that this one replies to, and its thread. A message that replies to nothing in its thread has the first
 * message of the thread as its target. Only topics are marked as such.
 */
const renderReply = (state: WorldState, message: Message, viewer: User): TlObject | undefined => {
  const log = logOf(state, message.chat, viewer.id);
  const top = message.thread?.ids.get(log);
  const replyToMsgId = message.replyTo?.ids.get(log) ?? top;
  if (replyToMsgId === undefined) return undefined;
  const forumTopic = topicOf(state, message) !== undefined;
  return { _: 'messageReplyHeader', forumTopic, replyToMsgId, replyToTopId: top === replyToMsgId ? undefined : top };
};

/** The number of comments on a post: part of the post in its channel, and of its copy in the discussion group. */
const renderComments = (state: WorldState, message: Message, viewer: User): TlObject | undefined => {
  const { chat } = message;
  if (chat.kind !== 'supergroup') return undefined;
  const group = chat.broadcast ? [...state.groups.values()].find(({ discusses }) => discusses === chat.markedId) : chat;
  const root = chat.broadcast ? [...(group?.log.messages.values() ?? [])].find(({ forwardOf }) => forwardOf === message) : message;
  if (!group || !root || (!chat.broadcast && !message.forwardOf)) return undefined;
  const last = messagesIn(group.log.messages, root).at(-1);
  return {
    _: 'messageReplies',
    comments: chat.broadcast,
    channelId: chat.broadcast ? group.id : undefined,
    replies: messagesIn(group.log.messages, root).length,
    repliesPts: group.log.pts,
    maxId: last?.ids.get(group.log),
    readMaxId: state.mailboxes.get(viewer.id)?.readThreads.get(root),
  };
};

/** File references change, and a message always carries the one that is valid now. */
const withFreshReference = (state: WorldState, media: TlObject | undefined): TlObject | undefined => {
  for (const field of ['document', 'photo'] as const) {
    const file = media?.[field];
    const stored = isTlObject(file) ? state.files.get(long(file, 'id')) : undefined;
    if (media && stored && isTlObject(file)) return { ...media, [field]: { ...file, fileReference: stored.fileReference } };
  }
  return media;
};

const isPost = ({ chat }: Message): boolean => chat.kind !== 'dm' && chat.broadcast === true;

/** Nobody is told the author of a post, or of a message in the name of a group. */
const senderOf = (state: WorldState, { from, inNameOf }: Message, viewer: User): TlObject =>
  inNameOf === undefined ? { _: 'peerUser', userId: from } : peerOf(groupOf(state, inNameOf), viewer.id);

/** The message as this user sees it, under this user's number. */
export const renderMessage = (state: WorldState, message: Message, viewer: User): TlObject => {
  const id = message.ids.get(logOf(state, message.chat, viewer.id));
  if (id === undefined || message.deleted) return { _: 'messageEmpty', id: id ?? 0 };
  const out = message.from === viewer.id && !message.forwardOf;
  const group = message.chat.kind !== 'dm' && !isPost(message);
  const common = {
    out,
    mentioned: group && !out && message.mentioned !== false && addresses(message, viewer),
    silent: message.silent,
    post: isPost(message),
    id,
    /* In direct messages Telegram leaves out the author, who is the other user. */
    fromId: group || (out && !isPost(message)) ? senderOf(state, message, viewer) : undefined,
    peerId: peerOf(message.chat, viewer.id),
    replyTo: renderReply(state, message, viewer),
    date: message.date,
    reactions: message.reactions.size > 0 ? renderReactions(message, viewer) : undefined,
  };
  if (message.action) return { _: 'messageService', ...common, action: message.action };
  return {
    _: 'message',
    ...common,
    fwdFrom: message.forward,
    message: message.text,
    media: withFreshReference(state, message.media),
    entities: message.entities.length > 0 ? message.entities : undefined,
    replyMarkup: message.markup,
    editDate: message.editDate ?? message.hiddenEditDate,
    editHide: message.editDate === undefined && message.hiddenEditDate !== undefined,
    groupedId: message.groupedId,
    replies: renderComments(state, message, viewer),
  };
};

/** Tells the viewer which message a random id of theirs became. */
export const messageIdUpdate = (state: WorldState, message: Message, viewer: User): TlObject => ({
  _: 'updateMessageID',
  id: message.ids.get(logOf(state, message.chat, viewer.id)) ?? 0,
  randomId: message.randomId ?? 0n,
});

/** The short form of a plain text, for a receiver who knows everybody in it. */
export const renderShort = (
  state: WorldState,
  message: Message,
  viewer: User,
  place: { readonly pts: number; readonly ptsCount: number },
): TlObject => {
  const full = renderMessage(state, message, viewer);
  const shared = {
    out: full.out,
    mentioned: full.mentioned,
    silent: full.silent,
    id: full.id,
    message: message.text,
    ...place,
    date: message.date,
    fwdFrom: message.forward,
    replyTo: full.replyTo,
    entities: full.entities,
  };
  return message.chat.kind === 'dm'
    ? { _: 'updateShortMessage', ...shared, userId: markedIdFor(message.chat, viewer.id) }
    : { _: 'updateShortChatMessage', ...shared, fromId: message.from, chatId: message.chat.kind === 'group' ? message.chat.id : 0 };
};

const mentionedIds = (message: Message): readonly number[] =>
  message.entities.filter(({ _ }) => _ === 'messageEntityMentionName').map(({ userId }) => Number(userId));

/** The users and groups that these messages name. Whole updates carry them along. */
export const renderPeers = (
  state: WorldState,
  chats: readonly Chat[],
  messages: readonly Message[],
  viewer: User,
): { readonly users: readonly TlObject[]; readonly chats: readonly TlObject[] } => {
  const named = messages.flatMap(({ inNameOf }) => (inNameOf === undefined ? [] : [groupOf(state, inNameOf)]));
  const all = new Set([...chats, ...messages.map(({ chat }) => chat), ...named]);
  const userIds = new Set([
    ...[...all].flatMap((chat) => (chat.kind === 'dm' ? participants(chat) : [])),
    ...messages.flatMap((message) => [
      ...(message.inNameOf === undefined ? [message.from] : []),
      ...mentionedIds(message),
      ...message.reactions.keys(),
    ]),
  ]);
  return {
    users: [...userIds].filter((id) => state.users.has(id)).map((id) => renderUser(userOf(state, id), viewer)),
    chats: [...all].flatMap((chat) => (chat.kind === 'dm' ? [] : [renderGroup(chat, viewer)])),
  };
};
