/** Long because catching up is one state: what is fetched next depends on all that was fetched before. */
import { Api } from 'telegram/tl/index.js';
import type { Notice } from '../../../ports/index.ts';
import { portErrorOf, rpcErrorOf } from '../client/errors.ts';
import { markedChannelId } from '../client/ids.ts';
import type { Call } from '../client/link.ts';
import type { Peers } from '../client/peers.ts';
import type { TelegramSelf } from '../client/settings.ts';
import type { Acknowledgements } from './acknowledgements.ts';
import type { Checkpoints } from './checkpoints.ts';
import {
  type AccountCheckpoint,
  accountByNumber,
  accountDifference,
  type Batch,
  channelDifference,
  currentCheckpoint,
} from './difference.ts';
import type { Dispatch } from './dispatch.ts';
import type { Gaps } from './gaps.ts';
import { ACCOUNT, type NumberedUpdate, numberingOf, renamedIn, sentIn } from './updates.ts';

/** Fetches what was lost on the way (https://core.telegram.org/api/updates#recovering-gaps). */
export interface MissedUpdates {
  /** Brings the account's stream up to date, and says whether it is; else it is tried again later. */
  fetchAccount(): Promise<boolean>;
  /**
   * Asks where the account's stream stands, and brings it up to date. Where its numbers are lower than ours they have
   * been restarted: what came meanwhile was taken for known.
   */
  checkAccount(): Promise<boolean>;
  /**
   * Brings a group's stream up to date. Resolves to a number where it could not be, for a reason that holds for any
   * group: no one is to be asked for so many ms, where that is known, else 0. Other failures are tried again later.
   */
  fetchGroup(sequence: string): Promise<number | undefined>;
  /** Whether that group is elsewhere than its place says, or has none yet. */
  isBehind(update: Api.UpdateChannelTooLong): boolean;
  /**
   * The first that is seen of a supergroup may not be its first: its place is shortly before, so that what came since
   * is missing.
   */
  meet(part: NumberedUpdate, channelId: number): void;
}

/** https://core.telegram.org/method/updates.getChannelDifference: what a bot may ask for, and a person. */
const BOT_LIMIT = 100_000;
const LIMIT = 100;
/** How many changes of a group may have been lost before one of it was seen: no more than one answer tells. */
const BOT_LOOK_BACK = 1_000;
const LOOK_BACK = LIMIT;

export const makeMissedUpdates = ({
  call,
  self,
  peers,
  places,
  gaps,
  acknowledgements,
  passOn,
  apply,
  route,
  fetchSoon,
  holdAlbums,
  renamed,
  sent,
  beginAnew,
  retries,
  signal,
  notice,
}: {
  readonly call: Call;
  readonly self: () => TelegramSelf | undefined;
  readonly peers: Peers;
  readonly places: Checkpoints;
  readonly gaps: Gaps;
  readonly acknowledgements: Acknowledgements;
  readonly passOn: Dispatch;
  /** Works it off, in its stream's turn. */
  readonly apply: (part: NumberedUpdate) => Promise<void>;
  /** Gives it its turn in the stream of its group; one that is new has its place when this returns. */
  readonly route: (part: NumberedUpdate, channelId: number) => void;
  /** That group is known to be behind. */
  readonly fetchSoon: (sequence: string) => void;
  readonly holdAlbums: (sequence: string) => () => void;
  readonly renamed: (people: readonly Api.UpdateUserName[]) => void;
  readonly sent: (messages: readonly Api.UpdateMessageID[]) => ReadonlyMap<string, string>;
  /** The account goes on from now. */
  readonly beginAnew: () => Promise<void>;
  readonly retries: { later(sequence: string, askedMs: number): void; end(sequence: string): void };
  readonly signal: AbortSignal;
  readonly notice: Notice;
}): MissedUpdates => {
  /** `asked`: when, for what may be overtaken by what comes in meanwhile. */
  const learn = ({ updates, users, chats }: Batch<unknown>, asked?: number): void => {
    renamed(renamedIn(updates));
    acknowledgements.note(sent(sentIn(updates)));
    acknowledgements.note(peers.learn(users, chats, asked));
    const newest = updates.map(dateOf).filter(Number.isFinite);
    places.see(
      chats,
      newest.reduce((latest, date) => Math.max(latest, date), places.account?.date ?? 0),
    );
  };

  /** An album may lie in two stretches. */
  async function* withAlbumsOpen<Place>(sequence: string, stretches: AsyncIterable<Batch<Place>>): AsyncGenerator<Batch<Place>> {
    const release = holdAlbums(sequence);
    try {
      yield* stretches;
    } finally {
      release();
    }
  }

  const fetchAccount = async (): Promise<void> => {
    if (places.account) await takeAccount(accountDifference(call, places.account, notice));
  };

  const takeAccount = async (stretches: AsyncIterable<Batch<AccountCheckpoint>>): Promise<void> => {
    for await (const stretch of withAlbumsOpen(ACCOUNT, stretches)) {
      if (signal.aborted) return;
      learn(stretch);
      const { ours, elsewhere, tooLong } = sorted(stretch);
      // Groups that are new have a place of their own before the account's moves past what was told of them. The
      // others' are behind in what is stored until they have been asked: a later process asks them again.
      for (const { part, channelId } of elsewhere) route(part, channelId);
      for (const update of tooLong) if (isBehind(update)) fetchSoon(String(markedChannelId(Number(update.channelId))));
      await passOn(ACCOUNT, places.moveAccount(stretch.end), ours, stretch.users, stretch.chats);
    }
  };

  /**
   * A group gets its first place before the account's own moves on, so that what is new there stays so, however often
   * it must be asked for. What came before the account was connected, or was in that group, is history.
   */
  const begin = (channelId: number, pts: number, newest = Number.POSITIVE_INFINITY): void => {
    const chat = peers.chat(channelId);
    // https://core.telegram.org/constructor/channel: when the account joined.
    const joined = chat instanceof Api.Channel && !chat.min ? chat.date : 0;
    const since = Math.min(newest, Math.max(joined, places.account?.since ?? 0));
    acknowledgements.note(places.moveChannel(channelId, { pts, top: 0, since }));
  };

  const meet = ({ update, pts, count }: NumberedUpdate, channelId: number): void => {
    // A message that is pushed is new, whatever the clocks say.
    const newest = update instanceof Api.UpdateNewChannelMessage ? dateOf(update) : Number.POSITIVE_INFINITY;
    begin(channelId, Math.max(1, pts - count - (self()?.isBot ? BOT_LOOK_BACK : LOOK_BACK)), newest);
  };

  const isBehind = (update: Api.UpdateChannelTooLong): boolean => {
    const channelId = markedChannelId(Number(update.channelId));
    if (!peers.isSupergroup(channelId)) return false;
    const known = places.channel(channelId);
    if (!known) begin(channelId, 1);
    // A lower one may be a late word, or the group's numbers were restarted: its difference tells.
    return !known || !update.pts || known.pts !== update.pts;
  };

  const takeGroup = async (channelId: number): Promise<void> => {
    const known = places.channel(channelId);
    if (!known) return;
    const sequence = String(channelId);
    const asked = peers.moment();
    const reach = { limit: self()?.isBot ? BOT_LIMIT : LIMIT, now: places.account?.date ?? 0 };
    const stretches = channelDifference(call, peers.inputChannel(channelId), known, reach, notice);
    for await (const stretch of withAlbumsOpen(sequence, stretches)) {
      if (signal.aborted) return;
      learn(stretch, asked);
      // Known once the stretch is learnt: the account may have been put out of the group, and back in.
      const { since = 0 } = places.channel(channelId) ?? known;
      const fresh = stretch.updates.filter((update) => dateOf(update) >= since);
      await passOn(sequence, places.moveChannel(channelId, stretch.end), fresh, stretch.users, stretch.chats);
    }
  };

  const checkedAccount = async (): Promise<void> => {
    const known = places.account;
    if (!known) return;
    const now = await currentCheckpoint(call, known);
    if (now.pts < known.pts) return takeAccount(accountByNumber(call, known, now, notice));
    // These two only count: nothing is asked for by them.
    if (now.qts < known.qts || now.seq < known.seq)
      await passOn(ACCOUNT, places.moveAccount({ ...known, qts: now.qts, seq: now.seq }), [], [], []);
    if (now.pts > known.pts) await fetchAccount();
  };

  const attempt = async (work: () => Promise<void>): Promise<boolean> => {
    gaps.end(ACCOUNT);
    try {
      await work();
    } catch (error) {
      const { code, message: reason, retryAfterMs = 0 } = portErrorOf(error);
      if (code !== 'invalid-request' || !places.account) {
        notice('difference-postponed', { sequence: ACCOUNT, reason });
        retries.later(ACCOUNT, retryAfterMs);
        return false;
      }
      notice('stream-unknown', { reason, place: places.account });
      await beginAnew();
    }
    retries.end(ACCOUNT);
    return true;
  };

  const fetchGroup = async (sequence: string): Promise<number | undefined> => {
    const early = gaps.end(sequence);
    try {
      await takeGroup(Number(sequence));
      retries.end(sequence);
    } catch (error) {
      const { code, message: reason, retryAfterMs = 0 } = portErrorOf(error);
      if (code !== 'invalid-request') {
        notice('difference-postponed', { sequence, reason });
        if (code === 'rate-limited' || rpcErrorOf(error) === undefined) return retryAfterMs;
        retries.later(sequence, retryAfterMs);
        return undefined;
      }
      notice('group-unreadable', { chatId: Number(sequence), reason });
      await places.forgetChannel(Number(sequence));
      for (const part of early) await apply(part);
    }
    return undefined;
  };

  return {
    fetchAccount: () => attempt(fetchAccount),
    checkAccount: () => attempt(checkedAccount),
    fetchGroup,
    isBehind,
    meet,
  };
};

/** Some updates of an account's difference belong to supergroups, which number theirs by themselves. */
const sorted = ({ updates, users, chats }: Batch<AccountCheckpoint>) => {
  const ours: Api.TypeUpdate[] = [];
  const elsewhere: { readonly part: NumberedUpdate; readonly channelId: number }[] = [];
  const tooLong: Api.UpdateChannelTooLong[] = [];
  for (const update of updates) {
    const part = numberingOf(update, users, chats);
    if (update instanceof Api.UpdateChannelTooLong) tooLong.push(update);
    else if (part?.channelId !== undefined) elsewhere.push({ part, channelId: part.channelId });
    else ours.push(update);
  }
  return { ours, elsewhere, tooLong };
};

/** In seconds since 1970; of an edit, when that was. */
const dateOf = (update: Api.TypeUpdate): number => {
  if (!('message' in update && typeof update.message === 'object' && update.message !== null && 'date' in update.message))
    return Number.POSITIVE_INFINITY;
  const edited = update instanceof Api.UpdateEditChannelMessage && 'editDate' in update.message && update.message.editDate;
  return edited || update.message.date;
};
