import { Api } from 'telegram/tl/index.js';
import { present } from '../../../domain/shared/present.ts';
import { isChannelId, markedChannelId } from '../client/ids.ts';
import type { Peers } from '../client/peers.ts';
import { updatesIn } from '../client/updates-in.ts';

/** The account's own stream: direct messages and basic groups. */
export const ACCOUNT = 'account';

/** The stream that carries a chat's updates. */
export const streamOf = (chatId: number): string => (isChannelId(chatId) ? String(chatId) : ACCOUNT);

/** An update that has its number in a stream: the one that brings the stream from `pts - count` to `pts`. */
export interface NumberedUpdate {
  readonly update: Api.TypeUpdate | Api.TypeUpdates;
  /** The stream: `ACCOUNT`, or a supergroup's by its marked id. */
  readonly stream: string;
  readonly channelId?: number;
  readonly pts: number;
  readonly count: number;
  readonly messageId?: number;
  /** In seconds since 1970. */
  readonly date?: number;
  readonly users: readonly Api.TypeUser[];
  readonly chats: readonly Api.TypeChat[];
  /** It says too little of the people in it, so it must be fetched. A sender alone can be asked for separately. */
  readonly lacks?: 'sender' | 'more';
}

/** The updates that matter: those with a number, and those that say that a stream is elsewhere. */
export type UpdatePart = NumberedUpdate | Api.UpdateChannelTooLong | Api.UpdatePtsChanged;

/** The updates of one container that matter here, in order. */
export interface UpdateParts {
  readonly parts: readonly UpdatePart[];
  readonly users: readonly Api.TypeUser[];
  readonly chats: readonly Api.TypeChat[];
  /** People whose name has changed; what `users` says of them is newer. */
  readonly renamed: readonly Api.UpdateUserName[];
  /** Which messages our sends became. */
  readonly sent: readonly Api.UpdateMessageID[];
  readonly seq?: { readonly first: number; readonly last: number };
  readonly date?: number;
}

export type Edit = Api.UpdateEditMessage | Api.UpdateEditChannelMessage;

export const isEdit = (update: Api.TypeUpdate | Api.TypeUpdates): update is Edit =>
  update instanceof Api.UpdateEditMessage || update instanceof Api.UpdateEditChannelMessage;

const channelIdOf = (update: Api.TypeUpdate): number | undefined => {
  if ('channelId' in update && update.channelId) return markedChannelId(Number(update.channelId));
  const peer = 'message' in update && typeof update.message === 'object' && 'peerId' in update.message ? update.message.peerId : undefined;
  return peer instanceof Api.PeerChannel ? markedChannelId(Number(peer.channelId)) : undefined;
};

/** Undefined for an update without a number: it needs no order, and is not repeated. */
export const numberingOf = (
  update: Api.TypeUpdate,
  users: readonly Api.TypeUser[],
  chats: readonly Api.TypeChat[],
): NumberedUpdate | undefined => {
  if (!('pts' in update && 'ptsCount' in update) || !update.pts || typeof update.ptsCount !== 'number') return undefined;
  const channelId = channelIdOf(update);
  const message = 'message' in update && typeof update.message === 'object' ? update.message : undefined;
  return {
    update,
    users,
    chats,
    pts: update.pts,
    count: update.ptsCount,
    stream: channelId === undefined ? ACCOUNT : String(channelId),
    ...present({ channelId }),
    ...(message === undefined ? {} : { messageId: message.id }),
  };
};

/** People whose name has changed. */
export const renamedIn = (updates: readonly Api.TypeUpdate[]): readonly Api.UpdateUserName[] =>
  updates.filter((update) => update instanceof Api.UpdateUserName);

/** Which messages this account's sends became. Told with the answer, and again in a difference if that was lost. */
export const sentIn = (updates: readonly Api.TypeUpdate[]): readonly Api.UpdateMessageID[] =>
  updates.filter((update) => update instanceof Api.UpdateMessageID);

/** Short forms leave out the people. Known ones are taken from memory. */
const shortPart = (update: Api.UpdateShortMessage | Api.UpdateShortChatMessage, peers: Peers): NumberedUpdate => {
  const inGroup = update instanceof Api.UpdateShortChatMessage;
  const user = peers.user(Number(inGroup ? update.fromId : update.userId));
  const chat = inGroup ? peers.chat(-Number(update.chatId)) : undefined;
  const { pts, ptsCount, id, date } = update;
  // Absent fields of the client's objects may be null.
  const forwarded = Boolean(update.fwdFrom);
  return {
    update,
    stream: ACCOUNT,
    pts,
    count: ptsCount,
    messageId: id,
    date,
    users: user ? [user] : [],
    chats: chat ? [chat] : [],
    ...((inGroup && !chat) || forwarded ? { lacks: 'more' } : user ? {} : { lacks: 'sender' }),
  };
};

export const partsOf = (updates: Api.TypeUpdates, peers: Peers): UpdateParts => {
  if (updates instanceof Api.UpdateShortMessage || updates instanceof Api.UpdateShortChatMessage)
    return { parts: [shortPart(updates, peers)], users: [], chats: [], renamed: [], sent: [] };
  if (updates instanceof Api.UpdateShortSentMessage) {
    const { pts, ptsCount, id, date } = updates;
    return {
      parts: [{ update: updates, stream: ACCOUNT, pts, count: ptsCount, messageId: id, date, users: [], chats: [] }],
      users: [],
      chats: [],
      renamed: [],
      sent: [],
    };
  }
  const all = updatesIn(updates);
  const { users, chats } = updates instanceof Api.Updates || updates instanceof Api.UpdatesCombined ? updates : { users: [], chats: [] };
  const parts = all.flatMap((update): UpdatePart[] => {
    if (update instanceof Api.UpdateChannelTooLong || update instanceof Api.UpdatePtsChanged) return [update];
    const part = numberingOf(update, users, chats);
    return part ? [part] : [];
  });
  const base = { parts, users, chats, renamed: renamedIn(all), sent: sentIn(all) };
  if (updates instanceof Api.UpdatesTooLong || updates instanceof Api.UpdateShort) return base;
  const first = updates instanceof Api.UpdatesCombined ? updates.seqStart : updates.seq;
  return { ...base, date: updates.date, ...(first === 0 ? {} : { seq: { first, last: updates.seq } }) };
};
