import { Api } from 'telegram/tl/index.js';
import type { Logger } from '../../../ports/index.ts';
import type { Call } from './link.ts';

/** A place in the account's own stream: direct messages and basic groups (https://core.telegram.org/api/updates). */
export interface AccountPlace {
  readonly pts: number;
  readonly qts: number;
  readonly date: number;
  readonly seq: number;
  /** The highest id of a message so far: from here on messages can be asked for by id where a difference is refused. */
  readonly top: number;
  /** When the account was first connected, in seconds since 1970: what is older was never ours to answer. */
  readonly since: number;
}

/** A place in the stream of one supergroup. */
export interface ChannelPlace {
  readonly pts: number;
  readonly top: number;
  /** For a group that is new here: what is older than this (in seconds since 1970) is its history. */
  readonly since?: number;
}

/** What happened between two places, in order. */
export interface Stretch<Place> {
  readonly updates: readonly Api.TypeUpdate[];
  readonly users: readonly Api.TypeUser[];
  readonly chats: readonly Api.TypeChat[];
  readonly end: Place;
}

const PAGE = 100;
/** The most messages that are asked for by id when a difference is refused. */
const MAX_REFETCHED = 2_000;

export const topOf = (messages: readonly Api.TypeMessage[], top: number): number => Math.max(top, ...messages.map(({ id }) => id));
const byId = (messages: readonly Api.TypeMessage[]): Api.TypeMessage[] => messages.toSorted((a, b) => a.id - b.id);
const isThere = (message: Api.TypeMessage): boolean => !(message instanceof Api.MessageEmpty);
const inbox = (message: Api.TypeMessage) => new Api.UpdateNewMessage({ message, pts: 0, ptsCount: 0 });
const inChannel = (message: Api.TypeMessage) => new Api.UpdateNewChannelMessage({ message, pts: 0, ptsCount: 0 });

/** Where the account's stream stands now: for an account that is seen for the first time, or can't go on from `known`. */
export const currentPlace = async (call: Call, known?: AccountPlace): Promise<AccountPlace> => {
  const { pts, qts, date, seq } = await call(new Api.updates.GetState());
  return { pts, qts, date, seq, top: known?.top ?? 0, since: known?.since ?? date };
};

/** Everything since `from`, in one stretch or several. */
export async function* accountDifference(call: Call, from: AccountPlace, logger: Logger): AsyncGenerator<Stretch<AccountPlace>> {
  for (let place = from, refused = false; ; ) {
    const { pts, qts, date } = place;
    const found = await call(new Api.updates.GetDifference({ pts, qts, date }));
    if (found instanceof Api.updates.DifferenceEmpty) {
      yield { updates: [], users: [], chats: [], end: { ...place, date: found.date, seq: found.seq } };
      return;
    }
    if (found instanceof Api.updates.DifferenceTooLong) {
      logger.warn({ from: pts, to: found.pts }, 'Telegram keeps no difference for so long an absence; messages are asked for one by one');
      for await (const messages of messagesAfter(place.top, (id) => call(new Api.messages.GetMessages({ id })), logger)) {
        place = { ...place, top: topOf(messages.messages, place.top) };
        yield { updates: messages.messages.map(inbox), users: messages.users, chats: messages.chats, end: place };
      }
      place = refused ? await currentPlace(call, place) : { ...place, pts: found.pts };
      yield { updates: [], users: [], chats: [], end: place };
      if (refused) return;
      refused = true;
      continue;
    }
    const whole = found instanceof Api.updates.Difference;
    const state = whole ? found.state : found.intermediateState;
    place = { ...place, pts: state.pts, qts: state.qts, date: state.date, seq: state.seq, top: topOf(found.newMessages, place.top) };
    const updates = [...found.newMessages.map(inbox), ...found.otherUpdates];
    yield { updates, users: found.users, chats: found.chats, end: place };
    if (whole) return;
  }
}

/** Everything in a supergroup since `from`. */
export async function* channelDifference(
  call: Call,
  channel: Api.InputChannel,
  from: ChannelPlace,
  logger: Logger,
): AsyncGenerator<Stretch<ChannelPlace>> {
  for (let place = from; ; ) {
    const filter = new Api.ChannelMessagesFilterEmpty();
    const found = await call(new Api.updates.GetChannelDifference({ channel, filter, pts: place.pts, limit: PAGE }));
    if (found instanceof Api.updates.ChannelDifferenceEmpty) {
      yield { updates: [], users: [], chats: [], end: { ...place, pts: found.pts } };
    } else if (found instanceof Api.updates.ChannelDifferenceTooLong) {
      const pts = found.dialog instanceof Api.Dialog ? (found.dialog.pts ?? place.pts) : place.pts;
      logger.warn(
        { from: place.pts, to: pts },
        'Telegram keeps no difference of a group for so long an absence; messages are asked for one by one',
      );
      const newest = byId(found.messages.filter(isThere));
      // What lies between the last message that is known and the newest ones comes first.
      const oldest = newest[0]?.id ?? 0;
      if (place.top > 0 && oldest > place.top + 1)
        for await (const between of messagesAfter(place.top, (id) => call(new Api.channels.GetMessages({ channel, id })), logger, oldest)) {
          place = { ...place, top: topOf(between.messages, place.top) };
          yield { updates: between.messages.map(inChannel), users: between.users, chats: between.chats, end: place };
        }
      const unseen = newest.filter(({ id }) => id > place.top);
      place = { ...place, pts, top: topOf(newest, place.top) };
      yield { updates: unseen.map(inChannel), users: found.users, chats: found.chats, end: place };
      return;
    } else {
      place = { ...place, pts: found.pts, top: topOf(found.newMessages, place.top) };
      yield { updates: [...found.newMessages.map(inChannel), ...found.otherUpdates], users: found.users, chats: found.chats, end: place };
    }
    if (found.final) return;
  }
}

interface Found {
  readonly messages: readonly Api.TypeMessage[];
  readonly users: readonly Api.TypeUser[];
  readonly chats: readonly Api.TypeChat[];
}

/** Messages by id, from `top` on: until there are no more, or up to `before`. */
async function* messagesAfter(
  top: number,
  get: (ids: Api.TypeInputMessage[]) => Promise<Api.messages.TypeMessages>,
  logger: Logger,
  before = Number.POSITIVE_INFINITY,
): AsyncGenerator<Found> {
  if (top === 0) {
    logger.error({}, 'no message was known before the absence: messages of that time may be missed');
    return;
  }
  for (let first = top + 1; first < before; first += PAGE) {
    if (first > top + MAX_REFETCHED) {
      logger.error({ after: first, before }, 'too many messages came during the absence: the newest of them are missed');
      return;
    }
    const ids = Array.from({ length: Math.min(PAGE, before - first) }, (_, at) => new Api.InputMessageID({ id: first + at }));
    const found = await get(ids);
    if (found instanceof Api.messages.MessagesNotModified) return;
    const messages = byId(found.messages.filter(isThere));
    if (messages.length === 0 && before === Number.POSITIVE_INFINITY) return;
    yield { messages, users: found.users, chats: found.chats };
  }
}
