import { Api } from 'telegram/tl/index.js';
import type { PortErrorCode } from '../../../ports/index.ts';
import type { AccountCheckpoint, Batch, ChannelCheckpoint } from './difference.ts';
import { type NumberedUpdate, numberingOf } from './updates.ts';

/** What is fetched of a stream, and what of that is new (https://core.telegram.org/api/updates#recovering-gaps). Pure. */

/** https://core.telegram.org/method/updates.getChannelDifference: what a bot may ask for, and a person. */
const BOT_LIMIT = 100_000;
const LIMIT = 100;
/** How many updates of a channel may have been lost before the first one was seen: no more than one answer brings. */
const BOT_LOOK_BACK = 1_000;
const LOOK_BACK = LIMIT;

/** How many updates a channel's difference may bring at a time. */
export const differenceLimit = (isBot: boolean): number => (isBot ? BOT_LIMIT : LIMIT);

/** In seconds since 1970; of an edit, when it was edited. Infinity for an update without a date. */
export const dateOf = (update: Api.TypeUpdate): number => {
  if (!('message' in update && typeof update.message === 'object' && update.message !== null && 'date' in update.message))
    return Number.POSITIVE_INFINITY;
  const edited = update instanceof Api.UpdateEditChannelMessage && 'editDate' in update.message && update.message.editDate;
  return edited || update.message.date;
};

/** The newest date in a batch, or `known`, whichever is later. */
export const latestDate = (updates: readonly Api.TypeUpdate[], known: number): number =>
  updates
    .map(dateOf)
    .filter(Number.isFinite)
    .reduce((latest, date) => Math.max(latest, date), known);

/** The updates that may be dispatched: what is older than `since` is history. */
export const freshOf = (updates: readonly Api.TypeUpdate[], since = 0): readonly Api.TypeUpdate[] =>
  updates.filter((update) => dateOf(update) >= since);

/** An account's difference brings updates of channels too, which have streams of their own. */
export const byStream = ({ updates, users, chats }: Pick<Batch<unknown>, 'updates' | 'users' | 'chats'>) => {
  const ours: Api.TypeUpdate[] = [];
  const ofChannels: { readonly part: NumberedUpdate; readonly channelId: number }[] = [];
  const tooLong: Api.UpdateChannelTooLong[] = [];
  for (const update of updates) {
    const part = numberingOf(update, users, chats);
    if (update instanceof Api.UpdateChannelTooLong) tooLong.push(update);
    else if (part?.channelId !== undefined) ofChannels.push({ part, channelId: part.channelId });
    else ours.push(update);
  }
  return { ours, ofChannels, tooLong };
};

/**
 * The first checkpoint of a channel of which one update was seen. It is shortly before that update, so that what came
 * just before is missing and is fetched. `newest`: no message from here on is history.
 */
export const checkpointBefore = (
  { update, pts, count }: NumberedUpdate,
  isBot: boolean,
): { readonly pts: number; readonly newest: number } => ({
  pts: Math.max(1, pts - count - (isBot ? BOT_LOOK_BACK : LOOK_BACK)),
  // A message that is pushed is new, whatever the clocks say.
  newest: update instanceof Api.UpdateNewChannelMessage ? dateOf(update) : Number.POSITIVE_INFINITY,
});

/** What came before the account was connected, or was in that channel, is history. */
export const historyEnd = (chat: Api.TypeChat | undefined, accountSince = 0, newest = Number.POSITIVE_INFINITY): number => {
  // https://core.telegram.org/constructor/channel: when the account joined.
  const joined = chat instanceof Api.Channel && !chat.min ? chat.date : 0;
  return Math.min(newest, Math.max(joined, accountSince));
};

/**
 * Whether a channel is elsewhere than its checkpoint says. A lower number may be late, or the numbers were
 * restarted.
 */
export const isElsewhere = (known: Pick<ChannelCheckpoint, 'pts'> | undefined, pts: number | undefined): boolean =>
  !known || !pts || known.pts !== pts;

/**
 * What is done where Telegram's numbers are `now`.
 * - `by-number`: the numbers were restarted, so messages are asked for by their ids.
 * - else `counters`: the checkpoint with lower counters (nothing is fetched by these two), and whether to `fetch`.
 */
export const planOfCheck = (
  known: AccountCheckpoint,
  now: AccountCheckpoint,
): 'by-number' | { readonly counters?: AccountCheckpoint; readonly fetch: boolean } => {
  if (now.pts < known.pts) return 'by-number';
  const fetch = now.pts > known.pts;
  if (now.qts >= known.qts && now.seq >= known.seq) return { fetch };
  return { counters: { ...known, qts: now.qts, seq: now.seq }, fetch };
};

/**
 * What follows a failed fetch of the account's stream: only a stream that Telegram does not know begins again from
 * now.
 */
export const afterAccountFailure = (code: PortErrorCode, hasCheckpoint: boolean): 'retry' | 'restart' =>
  code === 'invalid-request' && hasCheckpoint ? 'restart' : 'retry';

/**
 * What follows a failed fetch of a channel's stream. `pause-all`: the reason holds for any channel, as the connection
 * or Telegram's rate limit does. `forget`: the channel can no longer be read.
 */
export const afterChannelFailure = (code: PortErrorCode, isTelegrams: boolean): 'retry' | 'pause-all' | 'forget' => {
  if (code === 'invalid-request') return 'forget';
  return code === 'rate-limited' || !isTelegrams ? 'pause-all' : 'retry';
};
