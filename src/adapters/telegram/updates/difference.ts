import { Api } from 'telegram/tl/index.js';
import type { Notice } from '../../../ports/index.ts';
import { rpcErrorOf } from '../client/errors.ts';
import type { Call } from '../client/link.ts';
import {
  type Ask,
  asking,
  endOfHistory,
  type Found,
  messagesBehind,
  messagesById,
  newestUpTo,
  type Range,
  thoseThere,
  topOf,
} from './by-number.ts';

/** A checkpoint of the account's own stream (https://core.telegram.org/api/updates): direct messages, basic groups. */
export interface AccountCheckpoint {
  readonly pts: number;
  readonly qts: number;
  readonly date: number;
  readonly seq: number;
  /** The highest message id so far: messages behind it can be fetched by id if a difference is refused. */
  readonly top: number;
  /** When the account was first connected, in seconds since 1970: older messages are never answered. */
  readonly since: number;
}

/** A checkpoint of the pts stream of one channel (a supergroup). */
export interface ChannelCheckpoint {
  readonly pts: number;
  readonly top: number;
  /** As in `History`. Absent from checkpoints that older versions have stored. */
  readonly since?: number;
  readonly allSince?: number;
  /** Whether the account was told of everything in the channel, as far as is known. */
  readonly seesAll?: boolean;
}

/** What happened between two checkpoints, in order. */
export interface Batch<Place> {
  readonly updates: readonly Api.TypeUpdate[];
  readonly users: readonly Api.TypeUser[];
  readonly chats: readonly Api.TypeChat[];
  readonly end: Place;
}

/**
 * How far back a channel's messages are fetched one by one, in seconds by Telegram's clock and in messages: nobody
 * waits for an answer to older ones, and a message that the account may not see has no date.
 */
const BACK_S = 24 * 60 * 60;
const BACK_MESSAGES = 10_000;
/** The stream has never reached that number: Telegram has restarted its numbers. */
const UNKNOWN_PLACE = /^PERSISTENT_TIMESTAMP_(EMPTY|INVALID)$/;

const inbox = (message: Api.TypeMessage) => new Api.UpdateNewMessage({ message, pts: 0, ptsCount: 0 });
const inChannel = (message: Api.TypeMessage) => new Api.UpdateNewChannelMessage({ message, pts: 0, ptsCount: 0 });

/**
 * The account's checkpoint now: for an account that is seen for the first time, or cannot go on from `known`.
 */
export const currentCheckpoint = async (call: Call, known?: AccountCheckpoint): Promise<AccountCheckpoint> => {
  const { pts, qts, date, seq } = await call(new Api.updates.GetState());
  return { pts, qts, date, seq, top: known?.top ?? 0, since: known?.since ?? date };
};

/** Everything since `from`, in one batch or several. */
export async function* accountDifference(call: Call, from: AccountCheckpoint, notice: Notice): AsyncGenerator<Batch<AccountCheckpoint>> {
  for (let checkpoint = from, refused = false; ; ) {
    const { pts, qts, date } = checkpoint;
    const found = await unlessUnknown(call(new Api.updates.GetDifference({ pts, qts, date })));
    if (!found) {
      yield* accountByNumber(call, checkpoint, await currentCheckpoint(call, checkpoint), notice);
      return;
    }
    if (found instanceof Api.updates.DifferenceEmpty) {
      yield { updates: [], users: [], chats: [], end: { ...checkpoint, date: found.date, seq: found.seq } };
      return;
    }
    if (found instanceof Api.updates.DifferenceTooLong) {
      notice('difference-too-long', { from: pts, to: found.pts });
      const ask = askAccount(call);
      // If no message was known, history may be among those found.
      const since = checkpoint.top > 0 ? 0 : checkpoint.since;
      for await (const { messages, users, chats } of messagesById(ask, await missedByAccount(ask, checkpoint, found.pts))) {
        checkpoint = { ...checkpoint, top: topOf(messages, checkpoint.top) };
        yield { updates: messages.filter(({ date }) => date >= since).map(inbox), users, chats, end: checkpoint };
      }
      // Later updates show as a gap: only the numbers up to here were searched.
      checkpoint = { ...(refused ? await currentCheckpoint(call, checkpoint) : checkpoint), pts: found.pts };
      yield { updates: [], users: [], chats: [], end: checkpoint };
      if (refused) return;
      refused = true;
      continue;
    }
    const whole = found instanceof Api.updates.Difference;
    const state = whole ? found.state : found.intermediateState;
    checkpoint = {
      ...checkpoint,
      pts: state.pts,
      qts: state.qts,
      date: state.date,
      seq: state.seq,
      top: topOf(found.newMessages, checkpoint.top),
    };
    const updates = [...found.newMessages.map(inbox), ...found.otherUpdates];
    yield { updates, users: found.users, chats: found.chats, end: checkpoint };
    if (whole) return;
  }
}

/**
 * Everything in a channel since `from`; after an absence too long for a difference, what is not too old. `limit`: how
 * many updates Telegram may send at a time. `now`: in seconds since 1970 by Telegram's clock, or somewhat before.
 */
export async function* channelDifference(
  call: Call,
  channel: Api.InputChannel,
  from: ChannelCheckpoint,
  { limit, now }: { readonly limit: number; readonly now: number },
  notice: Notice,
): AsyncGenerator<Batch<ChannelCheckpoint>> {
  for (let checkpoint = from; ; ) {
    const filter = new Api.ChannelMessagesFilterEmpty();
    const found = await unlessUnknown(call(new Api.updates.GetChannelDifference({ channel, filter, pts: checkpoint.pts, limit })));
    if (!found || (found instanceof Api.updates.ChannelDifferenceEmpty && found.pts < checkpoint.pts)) {
      yield* channelByNumber(call, channel, checkpoint, notice);
      return;
    }
    if (found instanceof Api.updates.ChannelDifferenceEmpty) {
      yield { updates: [], users: [], chats: [], end: { ...checkpoint, pts: found.pts } };
    } else if (found instanceof Api.updates.ChannelDifferenceTooLong) {
      yield* channelOfLastDay(call, channel, checkpoint, { found, now }, notice);
      return;
    } else {
      checkpoint = { ...checkpoint, pts: found.pts, top: topOf(found.newMessages, checkpoint.top) };
      yield {
        updates: [...found.newMessages.map(inChannel), ...found.otherUpdates],
        users: found.users,
        chats: found.chats,
        end: checkpoint,
      };
    }
    if (found.final) return;
  }
}

/** What came since `from` in a channel of which Telegram keeps no difference, by message ids. */
async function* channelOfLastDay(
  call: Call,
  channel: Api.InputChannel,
  from: ChannelCheckpoint,
  { found, now }: { readonly found: Api.updates.ChannelDifferenceTooLong; readonly now: number },
  notice: Notice,
): AsyncGenerator<Batch<ChannelCheckpoint>> {
  const { pts = from.pts, topMessage = from.top } = found.dialog instanceof Api.Dialog ? found.dialog : {};
  let { top } = from;
  const newest = thoseThere(found.messages);
  const oldest = Math.max(now, ...newest.map(({ date }) => date)) - BACK_S;
  const fresh = ({ messages }: Pick<Found, 'messages'>) => messages.filter(({ id, date }) => id > top && date >= oldest).map(inChannel);
  // The messages between the last known one and the newest ones come first.
  const last = newest[0] ? newest[0].id - 1 : topMessage;
  const ask = askChannel(call, channel);
  const known = top > 0 ? top : Math.max(0, last - (pts - from.pts));
  const after = await endOfHistory(ask, Math.max(known, last - BACK_MESSAGES), last, Math.max(oldest, from.since ?? 0));
  notice('group-difference-too-long', {
    channelId: String(channel.channelId),
    from: from.pts,
    to: pts,
    passedOver: Math.max(0, after - known),
  });
  for await (const page of messagesById(ask, { after, last })) {
    const updates = fresh(page);
    // Even if nothing was found: a search that is cut short goes on from here.
    top = Math.max(top, page.upTo);
    yield { updates, users: page.users, chats: page.chats, end: { ...from, top } };
  }
  const updates = fresh({ messages: newest });
  yield { updates, users: found.users, chats: found.chats, end: { ...from, pts, top: topOf(newest, top) } };
}

/** Each new message has moved the stream by at least one, so there are no more messages than that. */
const missedByAccount = async (ask: Ask, checkpoint: AccountCheckpoint, pts: number): Promise<Range> => {
  const most = pts - checkpoint.pts;
  if (checkpoint.top > 0) return { after: checkpoint.top, last: checkpoint.top + most };
  // Messages that come in during the search are found too. They must not push out the first missed ones.
  const newest = await newestUpTo(ask, pts);
  return { after: await endOfHistory(ask, 0, newest, checkpoint.since), last: Math.min(pts, newest + most) };
};

const askAccount = (call: Call): Ask => asking((id) => call(new Api.messages.GetMessages({ id })));
const askChannel = (call: Call, channel: Api.InputChannel): Ask => asking((id) => call(new Api.channels.GetMessages({ channel, id })));

/** Undefined if Telegram does not know the checkpoint. */
const unlessUnknown = async <T>(answer: Promise<T>): Promise<T | undefined> => {
  try {
    return await answer;
  } catch (error) {
    if (UNKNOWN_PLACE.test(rpcErrorOf(error) ?? '')) return undefined;
    throw error;
  }
};

/** The last known message, or the last one of history. */
const lastKnown = async (ask: Ask, { top, pts, since }: Pick<ChannelCheckpoint, 'top' | 'pts' | 'since'>): Promise<number> =>
  top > 0 ? top : endOfHistory(ask, 0, await newestUpTo(ask, pts), since);

/**
 * Goes on at `now` in the account's stream, whose numbers Telegram has restarted
 * (https://core.telegram.org/constructor/updatePtsChanged). No difference tells what came since `from`: messages are
 * fetched by their ids, which were not restarted.
 */
export async function* accountByNumber(
  call: Call,
  from: AccountCheckpoint,
  now: AccountCheckpoint,
  notice: Notice,
): AsyncGenerator<Batch<AccountCheckpoint>> {
  notice('stream-renumbered', { from: from.pts, to: now.pts });
  const ask = askAccount(call);
  const since = from.top > 0 ? 0 : from.since;
  let { top } = from;
  const highest = Math.max(from.pts, now.pts);
  for await (const { messages, users, chats } of messagesBehind(ask, await lastKnown(ask, { ...from, pts: highest }))) {
    top = topOf(messages, top);
    // The checkpoint moves at the end: a search that is cut short begins again.
    yield { updates: messages.filter(({ date }) => date >= since).map(inbox), users, chats, end: { ...from, top } };
  }
  yield { updates: [], users: [], chats: [], end: { ...now, top } };
}

/** As `accountByNumber`, in the stream of a channel. */
async function* channelByNumber(
  call: Call,
  channel: Api.InputChannel,
  from: ChannelCheckpoint,
  notice: Notice,
): AsyncGenerator<Batch<ChannelCheckpoint>> {
  notice('group-renumbered', { channelId: String(channel.channelId), from: from.pts });
  const ask = askChannel(call, channel);
  let { top } = from;
  let now: number | undefined;
  for await (const { messages, users, chats, pts } of messagesBehind(ask, await lastKnown(ask, from))) {
    top = topOf(messages, top);
    // Updates that come in after the first answer have higher numbers than this one.
    now ??= pts;
    yield { updates: messages.map(inChannel), users, chats, end: { ...from, top } };
  }
  yield { updates: [], users: [], chats: [], end: { ...from, pts: now ?? 1, top } };
}
