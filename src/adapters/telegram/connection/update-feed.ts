import { Api } from 'telegram/tl/index.js';
import { type Logger, reasonOf } from '../../../ports/index.ts';
import { portErrorOf } from '../errors.ts';
import { isChannelId, markedChannelId, type Peers } from '../peers.ts';
import type { TelegramBase } from '../settings.ts';
import type { Acknowledgements } from './acknowledgements.ts';
import { type AccountPlace, accountDifference, type ChannelPlace, channelDifference, currentPlace, type Stretch } from './difference.ts';
import type { Call } from './link.ts';
import { channelKey, loadPlaces, PLACE } from './places.ts';
import { type NumberedUpdate, numberingOf, partsOf } from './updates.ts';

/** One message's way in: resolves when it is under way, with a promise of its end. */
export type Deliver = (
  update: Api.TypeUpdate | Api.TypeUpdates,
  users: readonly Api.TypeUser[],
  chats: readonly Api.TypeChat[],
) => Promise<{ readonly settled: Promise<void> } | undefined>;

/** Brings every message in once, in order, whatever was lost on the way; acknowledges it when it has been received. */
export interface UpdateFeed {
  load(): Promise<void>;
  /** Resolves when it is stored from where on nothing will be missed: at an account's first connection, from now on. */
  establish(call: Call): Promise<void>;
  /** Takes what came in, and nothing else: all that follows happens later. */
  push(updates: Api.TypeUpdates): void;
  /** Catches up: at the start, and after each loss of the connection. */
  catchUp(): void;
  /** Looks whether anything is missing, as the account's true state tells. */
  compare(state: Api.updates.State): void;
  /** The highest number of a message so far, where those of that chat are numbered. */
  topOf(chatId: number): number;
  stop(): void;
}

const ACCOUNT = 'account';
const RETRY_FIRST_MS = 1_000;
const RETRY_CAP_MS = 60_000;
/** With nothing heard for so long, it is asked whether that is so (https://core.telegram.org/api/updates#recovering-gaps). */
const QUIET_MS = 15 * 60_000;

interface Job {
  readonly work: () => Promise<void>;
  readonly updates?: Api.TypeUpdates;
}

interface Gap {
  readonly early: NumberedUpdate[];
  readonly cancel: () => void;
}

export const makeUpdateFeed = (
  { state, clock, timing }: TelegramBase,
  {
    call,
    peers,
    acknowledgements,
    deliver,
    logger,
  }: {
    readonly call: Call;
    readonly peers: Peers;
    readonly acknowledgements: Acknowledgements;
    readonly deliver: Deliver;
    readonly logger: Logger;
  },
): UpdateFeed => {
  const channels = new Map<number, ChannelPlace>();
  const gaps = new Map<string, Gap>();
  const jobs: Job[] = [];
  const retries = new Map<string, { failures: number; cancel: () => void }>();
  const established = Promise.withResolvers<void>();
  let account: AccountPlace | undefined;
  let running = false;
  let stopped = false;
  let heardAt = clock.now();

  /** One thing at a time: nothing interleaves with a difference that is being fetched; what comes in meanwhile waits its turn. */
  const enqueue = (work: () => Promise<void>, updates?: Api.TypeUpdates): void => {
    if (stopped) return;
    jobs.push({ work, ...(updates ? { updates } : {}) });
    if (!running) void run();
  };
  const run = async (): Promise<void> => {
    running = true;
    await established.promise;
    for (let job = jobs.shift(); job && !stopped; job = jobs.shift())
      try {
        await job.work();
      } catch (error) {
        logger.error({ reason: reasonOf(error), error }, 'an update could not be worked off; what is missing is fetched again');
        retryLater(ACCOUNT, 0);
      }
    running = false;
  };

  const begin = async (place: AccountPlace): Promise<void> => {
    await state.set(new Map([[PLACE, JSON.stringify(place)]]));
    account = place;
  };
  const moveAccount = (place: AccountPlace): ReadonlyMap<string, string> => {
    account = place;
    return new Map([[PLACE, JSON.stringify(place)]]);
  };
  const moveChannel = (channelId: number, place: ChannelPlace): ReadonlyMap<string, string> => {
    channels.set(channelId, place);
    return new Map([[channelKey(channelId), JSON.stringify(place)]]);
  };

  /** Hands over what is new; the place behind it is acknowledged when all of it was received. */
  const passOn = async (
    sequence: string,
    place: ReadonlyMap<string, string>,
    updates: readonly (Api.TypeUpdate | Api.TypeUpdates)[],
    users: readonly Api.TypeUser[],
    chats: readonly Api.TypeChat[],
  ): Promise<void> => {
    const done = acknowledgements.enter(sequence, place);
    const ends: Promise<void>[] = [];
    for (const update of updates) {
      const delivery = await deliver(update, users, chats);
      if (delivery) ends.push(delivery.settled);
    }
    if (ends.length === 0) done();
    else void Promise.all(ends).then(done);
  };

  const apply = async (part: NumberedUpdate): Promise<void> => {
    const { sequence, channelId, pts, count } = part;
    if (channelId !== undefined && !peers.isSupergroup(channelId)) return;
    const place = channelId === undefined ? account : channels.get(channelId);
    // The first that is seen of a supergroup: its numbering begins here, and is kept at once so that nothing after it is missed.
    const current = place?.pts ?? pts - count;
    if (!place && channelId !== undefined) acknowledgements.note(moveChannel(channelId, { pts: current, top: 0 }));
    if (pts <= current) return;
    if (pts - count !== current) return early(part);
    if (part.lacksPeers) return account && syncAccount();
    const top = Math.max(place?.top ?? 0, part.messageId ?? 0);
    const moved =
      channelId === undefined
        ? account && moveAccount({ ...account, pts, top, date: Math.max(account.date, part.date ?? 0) })
        : moveChannel(channelId, { pts, top });
    if (moved) await passOn(sequence, moved, [part.update], part.users, part.chats);
    await afterMove(sequence);
  };

  /** An update that came too early may be in time when those before it come, in a moment; else they are fetched. */
  const early = (part: NumberedUpdate): void => {
    const gap = gaps.get(part.sequence);
    if (gap) {
      gap.early.push(part);
      return;
    }
    const cancel = clock.after(timing.gapPatienceMs, () => enqueue(() => sync(part.sequence)));
    gaps.set(part.sequence, { early: [part], cancel });
  };
  const afterMove = async (sequence: string): Promise<void> => {
    const gap = gaps.get(sequence);
    if (!gap) return;
    endGap(sequence);
    for (const part of gap.early.toSorted((a, b) => a.pts - b.pts)) await apply(part);
  };
  const endGap = (sequence: string): void => {
    gaps.get(sequence)?.cancel();
    gaps.delete(sequence);
  };

  const sync = async (sequence: string): Promise<void> => {
    endGap(sequence);
    try {
      if (sequence === ACCOUNT) await syncAccount();
      else await syncChannel(Number(sequence));
      retries.get(sequence)?.cancel();
      retries.delete(sequence);
    } catch (error) {
      const failure = portErrorOf(error);
      if (failure.code === 'invalid-request' && sequence === ACCOUNT && account) {
        logger.error(
          { reason: failure.message, place: account },
          'Telegram does not know the stored place in the stream of updates; it goes on from now',
        );
        return await begin({ ...(await currentPlace(call)), top: account.top });
      }
      if (failure.code === 'invalid-request') {
        logger.warn(
          { chatId: Number(sequence), reason: failure.message },
          'a group can be read no more; its updates are not asked for any longer',
        );
        channels.delete(Number(sequence));
        await state.set(new Map([[channelKey(Number(sequence)), undefined]]));
        return;
      }
      logger.info({ sequence, reason: failure.message }, 'missed updates could not be fetched; they will be');
      retryLater(sequence, failure.retryAfterMs ?? 0);
    }
  };
  const retryLater = (sequence: string, atLeastMs: number): void => {
    const failures = (retries.get(sequence)?.failures ?? 0) + 1;
    retries.get(sequence)?.cancel();
    const waitMs = Math.max(atLeastMs, Math.min(RETRY_CAP_MS, RETRY_FIRST_MS * 2 ** Math.min(failures - 1, 10)));
    retries.set(sequence, { failures, cancel: clock.after(waitMs, () => enqueue(() => sync(sequence))) });
  };

  const learn = (users: readonly Api.TypeUser[], chats: readonly Api.TypeChat[]): void => acknowledgements.note(peers.learn(users, chats));

  const syncAccount = async (): Promise<void> => {
    if (!account) return;
    const { date } = account;
    const missed: number[] = [];
    for await (const stretch of accountDifference(call, account, logger)) {
      if (stopped) return;
      learn(stretch.users, stretch.chats);
      const { ours, elsewhere, tooLong } = sorted(stretch);
      missed.push(...tooLong.filter((update) => isMissing(update, date)).map(({ channelId }) => markedChannelId(Number(channelId))));
      await passOn(ACCOUNT, moveAccount(stretch.end), ours, stretch.users, stretch.chats);
      for (const part of elsewhere) await apply(part);
    }
    for (const channelId of missed) await sync(String(channelId));
    await afterMove(ACCOUNT);
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

  /**
   * Whether that group has moved past its place. One that was never seen gets its place now, before the account's own moves on: what came
   * since the account was last up to date (`date`) is new there, however often it must be asked for.
   */
  const isMissing = (update: Api.UpdateChannelTooLong, date: number): boolean => {
    const channelId = markedChannelId(Number(update.channelId));
    if (!peers.isSupergroup(channelId)) return false;
    const known = channels.get(channelId);
    if (!known) acknowledgements.note(moveChannel(channelId, { pts: 1, top: 0, since: date }));
    return !known || !update.pts || known.pts < update.pts;
  };

  const syncChannel = async (channelId: number): Promise<void> => {
    const known = channels.get(channelId);
    if (!known) return;
    const { since = 0 } = known;
    for await (const stretch of channelDifference(call, peers.inputChannel(channelId), known, logger)) {
      if (stopped) return;
      learn(stretch.users, stretch.chats);
      const fresh = stretch.updates.filter((update) => dateOf(update) >= since);
      await passOn(String(channelId), moveChannel(channelId, stretch.end), fresh, stretch.users, stretch.chats);
    }
    await afterMove(String(channelId));
  };

  const take = async (updates: Api.TypeUpdates): Promise<void> => {
    if (!account || updates instanceof Api.UpdatesTooLong) return sync(ACCOUNT);
    const { parts, users, chats, seq, date } = partsOf(updates, peers);
    learn(users, chats);
    if (seq !== undefined && seq.first > account.seq + 1) return sync(ACCOUNT);
    if (seq !== undefined && seq.last > account.seq) account = { ...account, seq: seq.last, date: Math.max(account.date, date ?? 0) };
    for (const part of parts) {
      if (part instanceof Api.UpdateChannelTooLong) {
        if (isMissing(part, account.date)) await sync(String(markedChannelId(Number(part.channelId))));
      } else await apply(part);
    }
  };

  return {
    establish: async (link) => {
      if (!account) {
        const now = await currentPlace(link);
        // What has come in already is counted in by the answer, and waits for its turn here: the place is before it.
        const waiting = jobs.flatMap(({ updates }) => (updates ? partsOf(updates, peers).parts : []));
        const starts = waiting.flatMap((part) => ('sequence' in part && part.sequence === ACCOUNT ? [part.pts - part.count] : []));
        await begin({ ...now, pts: Math.min(now.pts, ...starts) });
      }
      established.resolve();
    },
    load: async () => {
      const places = await loadPlaces(state);
      account = places.account;
      for (const [channelId, place] of places.channels) channels.set(channelId, place);
    },
    push: (updates) => {
      heardAt = clock.now();
      enqueue(() => take(updates), updates);
    },
    catchUp: () => {
      heardAt = clock.now();
      enqueue(() => sync(ACCOUNT));
      enqueue(async () => {
        for (const channelId of [...channels.keys()].filter(isChannelId)) await sync(String(channelId));
      });
    },
    compare: ({ pts, qts }) => {
      const quiet = clock.now() - heardAt >= QUIET_MS;
      if (quiet) heardAt = clock.now();
      enqueue(async () => {
        if (quiet) for (const channelId of [...channels.keys()]) await sync(String(channelId));
        if (account && (pts > account.pts || qts > account.qts) && !gaps.has(ACCOUNT)) await sync(ACCOUNT);
      });
    },
    topOf: (chatId) => (isChannelId(chatId) ? channels.get(chatId) : account)?.top ?? 0,
    stop: () => {
      stopped = true;
      for (const sequence of [...gaps.keys()]) endGap(sequence);
      for (const { cancel } of retries.values()) cancel();
    },
  };
};

const dateOf = (update: Api.TypeUpdate): number =>
  'message' in update && typeof update.message === 'object' && update.message !== null && 'date' in update.message
    ? update.message.date
    : Number.POSITIVE_INFINITY;
