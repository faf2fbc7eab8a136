import { Api } from 'telegram/tl/index.js';

const PAGE = 100;

export const topOf = (messages: readonly Api.TypeMessage[], top: number): number =>
  messages.reduce((highest, { id }) => Math.max(highest, id), top);
const isThere = (message: Api.TypeMessage) => !(message instanceof Api.MessageEmpty);
/** Those that are there, in order. */
export const thoseThere = (messages: readonly Api.TypeMessage[]) => messages.filter(isThere).toSorted((a, b) => a.id - b.id);

export interface Found {
  readonly messages: readonly (Api.Message | Api.MessageService)[];
  readonly users: readonly Api.TypeUser[];
  readonly chats: readonly Api.TypeChat[];
  /** Of a supergroup: where its stream stood then. */
  readonly pts?: number;
}

/** Messages by their ids, in order, without those that are deleted. */
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

/** So many numbers in a row that nobody has: there are no messages behind them. */
const UNUSED = 500;

/** All behind that number, where nobody knows how many there are: up to `UNUSED` numbers without a message. */
export async function* messagesBehind(ask: Ask, after: number): AsyncGenerator<Found> {
  for (let from = after, unused = 0; unused < UNUSED; from += PAGE) {
    const found = await ask(page({ after: from, last: from + PAGE }));
    unused = found.messages.length === 0 ? unused + PAGE : 0;
    yield found;
  }
}

/**
 * All of them, however many were deleted in between: an empty page is not the end. `upTo`: the last number that was
 * asked for.
 */
export async function* messagesById(ask: Ask, { after, last }: Range): AsyncGenerator<Found & { readonly upTo: number }> {
  for (let from = after; from < last; from += PAGE)
    yield { ...(await ask(page({ after: from, last }))), upTo: Math.min(from + PAGE, last) };
}

/**
 * The id of the newest message, by samples that come ever closer to it; too low where all those that were sampled
 * beyond are deleted.
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

/** An id, `floor` or above it, behind which everything since `since` lies: looked for in steps back that grow. */
export const endOfHistory = async (ask: Ask, floor: number, last: number, since = 0): Promise<number> => {
  for (let back = PAGE; last - back > floor; back *= 2) {
    const { messages } = await ask(page({ after: last - back, last }));
    if (messages.some(({ date }) => date < since)) return last - back;
  }
  return floor;
};
