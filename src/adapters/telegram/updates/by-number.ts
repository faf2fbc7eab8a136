import { Api } from 'telegram/tl/index.js';

const PAGE = 100;

export const topOf = (messages: readonly Api.TypeMessage[], top: number): number =>
  messages.reduce((highest, { id }) => Math.max(highest, id), top);
const isThere = (message: Api.TypeMessage) => !(message instanceof Api.MessageEmpty);
/** The messages that exist, in order. */
export const thoseThere = (messages: readonly Api.TypeMessage[]) => messages.filter(isThere).toSorted((a, b) => a.id - b.id);

export interface Found {
  readonly messages: readonly (Api.Message | Api.MessageService)[];
  readonly users: readonly Api.TypeUser[];
  readonly chats: readonly Api.TypeChat[];
  /** Only of a supergroup: its stream's number at that time. */
  readonly pts?: number;
}

/** Fetches messages by their ids, in order, without deleted ones. */
export type Ask = (ids: readonly number[]) => Promise<Found>;

export const asking =
  (get: (ids: Api.TypeInputMessage[]) => Promise<Api.messages.TypeMessages>): Ask =>
  async (ids) => {
    const found = await get(ids.map((id) => new Api.InputMessageID({ id })));
    if (found instanceof Api.messages.MessagesNotModified) return { messages: [], users: [], chats: [] };
    const pts = found instanceof Api.messages.ChannelMessages ? { pts: found.pts } : {};
    return { messages: thoseThere(found.messages), users: found.users, chats: found.chats, ...pts };
  };

export interface Range {
  readonly after: number;
  readonly last: number;
}

const page = ({ after, last }: Range): number[] => Array.from({ length: Math.min(PAGE, last - after) }, (_, at) => after + 1 + at);

/** After so many ids in a row without a message, there are no more messages. */
const UNUSED = 500;

/** All messages behind that id, where nobody knows how many there are: stops at `UNUSED` ids without a message. */
export async function* messagesBehind(ask: Ask, after: number): AsyncGenerator<Found> {
  for (let from = after, unused = 0; unused < UNUSED; from += PAGE) {
    const found = await ask(page({ after: from, last: from + PAGE }));
    unused = found.messages.length === 0 ? unused + PAGE : 0;
    yield found;
  }
}

/**
 * All messages of a range, however many are deleted in it: an empty page is not the end. `upTo`: the last id that was
 * asked for.
 */
export async function* messagesById(ask: Ask, { after, last }: Range): AsyncGenerator<Found & { readonly upTo: number }> {
  for (let from = after; from < last; from += PAGE)
    yield { ...(await ask(page({ after: from, last }))), upTo: Math.min(from + PAGE, last) };
}

/**
 * The id of the newest message, found by samples that come ever closer to it. Too low if all sampled messages beyond it
 * are deleted.
 */
export const newestUpTo = async (ask: Ask, highest: number): Promise<number> => {
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

/** An id, not below `floor`, behind which all messages since `since` lie. Searched for in growing steps back. */
export const endOfHistory = async (ask: Ask, floor: number, last: number, since = 0): Promise<number> => {
  for (let back = PAGE; last - back > floor; back *= 2) {
    const { messages } = await ask(page({ after: last - back, last }));
    if (messages.some(({ date }) => date < since)) return last - back;
  }
  return floor;
};
