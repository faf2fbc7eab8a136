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

export const topOf = (messages: readonly Api.TypeMessage[], top: number): number => Math.max(top, ...messages.map(({ id }) => id));
const isThere = (message: Api.TypeMessage) => !(message instanceof Api.MessageEmpty);
const thoseThere = (messages: readonly Api.TypeMessage[]) => messages.filter(isThere).toSorted((a, b) => a.id - b.id);
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
      const ask = asking((id) => call(new Api.messages.GetMessages({ id })));
      // Where none was known, history may be among those found.
      const since = place.top > 0 ? 0 : place.since;
      for await (const { messages, users, chats } of messagesById(ask, await missedByAccount(ask, place, found.pts))) {
        place = { ...place, top: topOf(messages, place.top) };
        yield { updates: messages.filter(({ date }) => date >= since).map(inbox), users, chats, end: place };
      }
      // What comes in from here on shows as a gap: only the numbers up to here were searched.
      place = { ...(refused ? await currentPlace(call, place) : place), pts: found.pts };
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
      const { pts = place.pts, topMessage = place.top } = found.dialog instanceof Api.Dialog ? found.dialog : {};
      logger.warn(
        { from: place.pts, to: pts },
        'Telegram keeps no difference of a group for so long an absence; messages are asked for one by one',
      );
      const newest = thoseThere(found.messages);
      // What lies between the last message that is known and the newest ones comes first.
      const last = newest[0] ? newest[0].id - 1 : topMessage;
      const ask = asking((id) => call(new Api.channels.GetMessages({ channel, id })));
      const after = place.top > 0 ? place.top : await endOfHistory(ask, Math.max(0, last - (pts - place.pts)), last, place.since);
      for await (const { messages, users, chats } of messagesById(ask, { after, last })) {
        place = { ...place, top: topOf(messages, place.top) };
        yield { updates: messages.map(inChannel), users, chats, end: place };
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
  readonly messages: readonly (Api.Message | Api.MessageService)[];
  readonly users: readonly Api.TypeUser[];
  readonly chats: readonly Api.TypeChat[];
}

/** Messages by their ids, in order, without those that are there no more. */
type Ask = (ids: readonly number[]) => Promise<Found>;

const asking =
  (get: (ids: Api.TypeInputMessage[]) => Promise<Api.messages.TypeMessages>): Ask =>
  async (ids) => {
    const found = await get(ids.map((id) => new Api.InputMessageID({ id })));
    if (found instanceof Api.messages.MessagesNotModified) return { messages: [], users: [], chats: [] };
    return { messages: thoseThere(found.messages), users: found.users, chats: found.chats };
  };

interface Range {
  readonly after: number;
  readonly last: number;
}

const page = ({ after, last }: Range): number[] => Array.from({ length: Math.min(PAGE, last - after) }, (_, at) => after + 1 + at);

/** All of them, however many were deleted in between: an empty page is not the end. */
async function* messagesById(ask: Ask, { after, last }: Range): AsyncGenerator<Found> {
  for (let from = after; from < last; from += PAGE) yield await ask(page({ after: from, last }));
}

/** Each new message has moved the stream by one at least: there are no more of them than that. */
const missedByAccount = async (ask: Ask, place: AccountPlace, pts: number): Promise<Range> => {
  const most = pts - place.pts;
  if (place.top > 0) return { after: place.top, last: place.top + most };
  const newest = await newestUpTo(ask, pts);
  return { after: Math.max(0, newest - most), last: Math.min(pts, newest + most) };
};

/** The id of the newest message, by samples that come ever closer to it; too low where all those that were sampled beyond are deleted. */
const newestUpTo = async (ask: Ask, highest: number): Promise<number> => {
  let newest = 0;
  for (let end = highest; end > newest; ) {
    const step = Math.ceil((end - newest) / PAGE);
    const samples = Array.from({ length: Math.ceil((end - newest) / step) }, (_, at) => end - at * step);
    const found = (await ask(samples)).messages.at(-1)?.id;
    end = found === undefined ? Math.min(...samples) - 1 : Math.min(end, found + step - 1);
    newest = found ?? newest;
  }
  return newest;
};

/** An id, `floor` or above it, behind which everything since `since` lies: looked for in steps back that grow. */
const endOfHistory = async (ask: Ask, floor: number, last: number, since = 0): Promise<number> => {
  for (let back = PAGE; last - back > floor; back *= 2) {
    const { messages } = await ask(page({ after: last - back, last }));
    if (messages.some(({ date }) => date < since)) return last - back;
  }
  return floor;
};
