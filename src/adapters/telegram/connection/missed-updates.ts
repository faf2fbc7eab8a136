import { Api } from 'telegram/tl/index.js';
import type { Logger } from '../../../ports/index.ts';
import { portErrorOf } from '../errors.ts';
import { markedChannelId, type Peers } from '../peers.ts';
import type { Acknowledgements } from './acknowledgements.ts';
import { type AccountPlace, accountByNumber, accountDifference, channelDifference, currentPlace, type Stretch } from './difference.ts';
import type { Gaps } from './gaps.ts';
import type { Call } from './link.ts';
import type { Places } from './places.ts';
import { ACCOUNT, type NumberedUpdate, numberingOf, renamedIn, sentIn } from './updates.ts';

/** Hands over what is new; the place behind it is acknowledged when all of it was received. */
export type PassOn = (
  sequence: string,
  place: ReadonlyMap<string, string>,
  updates: readonly (Api.TypeUpdate | Api.TypeUpdates)[],
  users: readonly Api.TypeUser[],
  chats: readonly Api.TypeChat[],
) => Promise<void>;

/** Fetches what was lost on the way (https://core.telegram.org/api/updates#recovering-gaps). */
export interface MissedUpdates {
  /** Brings a stream up to date, or has `retryLater` called. */
  fetch(sequence: string): Promise<void>;
  /** As `fetch` does it for the account, with failures left to the caller. */
  fetchAccount(): Promise<void>;
  /**
   * Asks where the account's stream stands, and brings it up to date. Where its numbers are lower than ours they have begun anew: what came
   * meanwhile was taken for known.
   */
  checkAccount(): Promise<void>;
  /** Whether that group has moved past its place, or has none yet. */
  isBehind(update: Api.UpdateChannelTooLong): boolean;
  /** The first that is seen of a supergroup may not be its first: brings in what came shortly before, where Telegram tells of it. */
  meet(part: NumberedUpdate, channelId: number): Promise<void>;
}

/** How many changes of a group may have been lost before one of it was seen. */
const LOOK_BACK = 50;

export const makeMissedUpdates = ({
  call,
  peers,
  places,
  gaps,
  acknowledgements,
  passOn,
  apply,
  holdAlbums,
  renamed,
  sent,
  beginAnew,
  retries,
  signal,
  logger,
}: {
  readonly call: Call;
  readonly peers: Peers;
  readonly places: Places;
  readonly gaps: Gaps;
  readonly acknowledgements: Acknowledgements;
  readonly passOn: PassOn;
  readonly apply: (part: NumberedUpdate) => Promise<void>;
  readonly holdAlbums: () => () => void;
  readonly renamed: (people: readonly Api.UpdateUserName[]) => void;
  readonly sent: (messages: readonly Api.UpdateMessageID[]) => ReadonlyMap<string, string>;
  /** The account goes on from now. */
  readonly beginAnew: () => Promise<void>;
  readonly retries: { later(sequence: string, atLeastMs: number): void; end(sequence: string): void };
  readonly signal: AbortSignal;
  readonly logger: Logger;
}): MissedUpdates => {
  const learn = ({ updates, users, chats }: Stretch<unknown>): void => {
    renamed(renamedIn(updates));
    acknowledgements.note(sent(sentIn(updates)));
    acknowledgements.note(peers.learn(users, chats));
  };

  const applyEarly = async (sequence: string): Promise<void> => {
    for (const part of gaps.end(sequence)) await apply(part);
  };

  /** An album may lie in two stretches. */
  async function* withAlbumsOpen<Place>(stretches: AsyncIterable<Stretch<Place>>): AsyncGenerator<Stretch<Place>> {
    const release = holdAlbums();
    try {
      yield* stretches;
    } finally {
      release();
    }
  }

  const fetchAccount = async (): Promise<void> => {
    if (places.account) await takeAccount(accountDifference(call, places.account, logger));
  };

  const takeAccount = async (stretches: AsyncIterable<Stretch<AccountPlace>>): Promise<void> => {
    for await (const stretch of withAlbumsOpen(stretches)) {
      if (signal.aborted) return;
      learn(stretch);
      const { ours, elsewhere, tooLong } = sorted(stretch);
      const behind = tooLong.filter(isBehind);
      // Groups that are new have a place of their own before the account's moves past what was told of them.
      for (const part of elsewhere) await apply(part);
      await passOn(ACCOUNT, places.moveAccount(stretch.end), ours, stretch.users, stretch.chats);
      // Not after the last stretch: one that fails would leave them behind, as they are told once.
      for (const { channelId } of behind) await fetch(String(markedChannelId(Number(channelId))));
    }
    await applyEarly(ACCOUNT);
  };

  /**
   * A group gets its first place before the account's own moves on, so that what is new there stays so, however often it must be asked
   * for. What came before the account was connected, or was in that group, is history.
   */
  const begin = (channelId: number, pts: number, newest = Number.POSITIVE_INFINITY): void => {
    const chat = peers.chat(channelId);
    // https://core.telegram.org/constructor/channel: when the account joined.
    const joined = chat instanceof Api.Channel && !chat.min ? chat.date : 0;
    const since = Math.min(newest, Math.max(joined, places.account?.since ?? 0));
    acknowledgements.note(places.moveChannel(channelId, { pts, top: 0, since }));
  };

  const meet = async ({ update, pts, count }: NumberedUpdate, channelId: number): Promise<void> => {
    // A message that is pushed is new, whatever the clocks say.
    const newest = update instanceof Api.UpdateNewChannelMessage ? dateOf(update) : Number.POSITIVE_INFINITY;
    begin(channelId, Math.max(1, pts - count - LOOK_BACK), newest);
    await fetch(String(channelId));
  };

  const isBehind = (update: Api.UpdateChannelTooLong): boolean => {
    const channelId = markedChannelId(Number(update.channelId));
    if (!peers.isSupergroup(channelId)) return false;
    const known = places.channel(channelId);
    if (!known) begin(channelId, 1);
    return !known || !update.pts || known.pts < update.pts;
  };

  const fetchChannel = async (channelId: number): Promise<void> => {
    const known = places.channel(channelId);
    if (!known) return;
    const { since = 0 } = known;
    for await (const stretch of withAlbumsOpen(channelDifference(call, peers.inputChannel(channelId), known, logger))) {
      if (signal.aborted) return;
      learn(stretch);
      const fresh = stretch.updates.filter((update) => dateOf(update) >= since);
      await passOn(String(channelId), places.moveChannel(channelId, stretch.end), fresh, stretch.users, stretch.chats);
    }
    await applyEarly(String(channelId));
  };

  const checkedAccount = async (): Promise<void> => {
    const known = places.account;
    if (!known) return;
    const now = await currentPlace(call, known);
    if (now.pts < known.pts) return takeAccount(accountByNumber(call, known, now, logger));
    // These two only count: nothing is asked for by them.
    if (now.qts < known.qts || now.seq < known.seq)
      await passOn(ACCOUNT, places.moveAccount({ ...known, qts: now.qts, seq: now.seq }), [], [], []);
    if (now.pts > known.pts) await fetchAccount();
  };

  const fetch = (sequence: string): Promise<void> =>
    attempt(sequence, () => (sequence === ACCOUNT ? fetchAccount() : fetchChannel(Number(sequence))));

  const attempt = async (sequence: string, work: () => Promise<void>): Promise<void> => {
    gaps.end(sequence);
    try {
      await work();
      retries.end(sequence);
    } catch (error) {
      const { code, message: reason, retryAfterMs = 0 } = portErrorOf(error);
      if (code === 'invalid-request' && sequence === ACCOUNT && places.account) {
        logger.error(
          { reason, place: places.account },
          'Telegram does not know the stored place in the stream of updates; it goes on from now',
        );
        await beginAnew();
      } else if (code === 'invalid-request') {
        const chatId = Number(sequence);
        logger.warn({ chatId, reason }, 'a group can be read no more; its updates are not asked for any longer');
        await places.forgetChannel(chatId);
      } else {
        logger.info({ sequence, reason }, 'missed updates could not be fetched; they will be');
        retries.later(sequence, retryAfterMs);
      }
    }
  };

  return { fetch, fetchAccount, checkAccount: () => attempt(ACCOUNT, checkedAccount), isBehind, meet };
};

/** Some updates of an account's difference belong to supergroups, which number theirs by themselves. */
const sorted = ({ updates, users, chats }: Stretch<AccountPlace>) => {
  const ours: Api.TypeUpdate[] = [];
  const elsewhere: NumberedUpdate[] = [];
  const tooLong: Api.UpdateChannelTooLong[] = [];
  for (const update of updates) {
    const part = numberingOf(update, users, chats);
    if (update instanceof Api.UpdateChannelTooLong) tooLong.push(update);
    else if (part?.channelId !== undefined) elsewhere.push(part);
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
