/** Long because the order of updates is one state: each step depends on all that came before. */
import { Api } from 'telegram/tl/index.js';
import { type Notice, reasonOf } from '../../../ports/index.ts';
import { isChannelId, markedChannelId } from '../client/ids.ts';
import { makeLanes } from '../client/lanes.ts';
import type { Call } from '../client/link.ts';
import type { Peers } from '../client/peers.ts';
import type { TelegramBase, TelegramSelf } from '../client/settings.ts';
import type { Acknowledgements } from './acknowledgements.ts';
import { makeCheckpoints } from './checkpoints.ts';
import { currentCheckpoint } from './difference.ts';
import { type Deliver, makeDispatch } from './dispatch.ts';
import { makeGaps } from './gaps.ts';
import { makeGroupTurns } from './group-turns.ts';
import { makeJobs } from './jobs.ts';
import { makeMissedUpdates } from './missed-updates.ts';
import { makeRetries } from './retries.ts';
import { makeSilence, QUIET_MS } from './silence.ts';
import { ACCOUNT, type NumberedUpdate, partsOf } from './updates.ts';

/** Brings every message in once, in order, whatever was lost on the way; acknowledges it when it has been received. */
export interface UpdateFeed {
  load(): Promise<void>;
  /** Resolves when it is stored from where on nothing will be missed: at an account's first connection, from now on. */
  establish(call: Call): Promise<void>;
  /** Takes what came in, and nothing else: all that follows happens later. */
  push(updates: Api.TypeUpdates): void;
  /**
   * Catches up: at the start, and after each loss of the connection; what has come in before this is worked off behind
   * that.
   */
  catchUp(): void;
  /** The connection is lost: from now on it is not known what is missing. */
  lose(): void;
  /** Looks whether anything is missing, as the account's true state tells. */
  compare(state: Api.updates.State): void;
  /** The highest number of a message so far, where those of that chat are numbered. */
  topOf(chatId: number): number;
  stop(): void;
}

/**
 * A hole of so many in a group may close by itself in a moment, as what comes side by side may change places; a larger
 * one is asked for.
 */
const FEW = 2;

const isNew = (update: NumberedUpdate['update']): boolean =>
  update instanceof Api.UpdateNewMessage ||
  update instanceof Api.UpdateNewChannelMessage ||
  update instanceof Api.UpdateShortMessage ||
  update instanceof Api.UpdateShortChatMessage;

/** Whether it brings a message behind all that were seen. */
const isNewer = ({ update, messageId = 0 }: NumberedUpdate, place: { readonly top: number } | undefined): boolean =>
  isNew(update) && messageId > (place?.top ?? 0);

export const makeUpdateFeed = (
  { state, clock, timing }: TelegramBase,
  {
    call,
    self,
    peers,
    acknowledgements,
    deliver,
    holdAlbums,
    renamed,
    sent,
    notice,
  }: {
    readonly call: Call;
    readonly self: () => TelegramSelf | undefined;
    readonly peers: Peers;
    readonly acknowledgements: Acknowledgements;
    readonly deliver: Deliver;
    /** Keeps that stream's albums open until what it returns is called. */
    readonly holdAlbums: (sequence: string) => () => void;
    /** To be told who has another name, before anything that comes behind it. */
    readonly renamed: (people: readonly Api.UpdateUserName[]) => void;
    /** To be told which messages sends became; gives what is to be stored of it. */
    readonly sent: (messages: readonly Api.UpdateMessageID[]) => ReadonlyMap<string, string>;
    readonly notice: Notice;
  },
): UpdateFeed => {
  const stopping = new AbortController();
  const { signal } = stopping;
  const places = makeCheckpoints(state, () => self()?.privacyMode !== true);
  const failed = (sequence: string, error: unknown): void => {
    if (signal.aborted) return;
    notice('update-failed', { sequence, reason: reasonOf(error), error });
    retries.later(sequence, 0);
  };
  /**
   * The account's stream, and what comes in for all. Each group has its own turns beside it: none holds up a direct
   * message.
   */
  const jobs = makeJobs(signal, (error) => failed(ACCOUNT, error));
  const lanes = makeLanes<string>();
  const inGroup = (sequence: string, work: () => Promise<number | undefined>): Promise<number | undefined> =>
    lanes
      .run(sequence, async () => (signal.aborted ? undefined : work()))
      .catch((error: unknown) => {
        failed(sequence, error);
        return undefined;
      });
  const turns = makeGroupTurns(clock, timing.groupRoundMs, (sequence) => inGroup(sequence, () => missed.fetchGroup(sequence)));
  const fetchSoon = (sequence: string): void => (sequence === ACCOUNT ? jobs.add(fetchAccount) : turns.soon(sequence));
  const retries = makeRetries(clock, fetchSoon);
  const gaps = makeGaps(clock, timing.gapPatienceMs, fetchSoon);
  let heardAt = clock.now();
  const silence = makeSilence(clock);
  let roundIsDue = false;
  let isLost = true;

  const passOn = makeDispatch({ acknowledgements, places, deliver, notice });

  const apply = async (part: NumberedUpdate): Promise<void> => {
    const { stream: sequence, channelId, pts, count } = part;
    const place = channelId === undefined ? places.account : places.channel(channelId);
    // Of a supergroup whose numbers Telegram does not tell, the numbering begins here.
    const current = place?.pts ?? pts - count;
    if (pts <= current) return isNewer(part, place) ? check(sequence) : undefined;
    if (pts - count !== current) {
      gaps.add(part);
      // Of a group that was not seen before, it is not known what is missing.
      if (channelId !== undefined && (place?.top === 0 || pts - count - current > FEW)) turns.soon(sequence);
      return;
    }
    if (part.lacks && (await fetchAccount())) return;
    // While there is no difference to be had, what can be read without it comes in.
    if (part.lacks === 'more' || (part.lacks && places.account?.pts !== current)) return;
    const moved = moveBy(part, Math.max(place?.top ?? 0, part.messageId ?? 0));
    if (moved) await passOn(sequence, moved, [part.update], part.users, part.chats);
    for (const early of gaps.end(sequence)) await apply(early);
  };

  /** A number that was passed, of a message that was not: the numbers were restarted, or it was deleted since. */
  const check = async (sequence: string): Promise<void> => {
    if (sequence === ACCOUNT) await missed.checkAccount();
    else turns.soon(sequence);
  };

  const route = (part: NumberedUpdate, channelId: number): void => {
    if (!peers.isSupergroup(channelId)) return;
    silence.heard(part.stream);
    if (!places.channel(channelId)) missed.meet(part, channelId);
    void inGroup(part.stream, async () => {
      await apply(part);
      return undefined;
    });
  };

  const moveBy = ({ channelId, pts, date = 0 }: NumberedUpdate, top: number): ReadonlyMap<string, string> | undefined => {
    if (channelId !== undefined) return places.moveChannel(channelId, { pts, top });
    const { account } = places;
    return account && places.moveAccount({ ...account, pts, top, date: Math.max(account.date, date) });
  };

  const beginNow = async (link: Call): Promise<void> => {
    const now = await currentCheckpoint(link, places.account);
    // What has come in already is counted in by the answer, and waits for its turn here: the place is before it.
    const waiting = jobs.waiting().flatMap((updates) => partsOf(updates, peers).parts);
    const starts = waiting.flatMap((part) => ('stream' in part && part.stream === ACCOUNT ? [part.pts - part.count] : []));
    await places.begin({ ...now, pts: Math.min(now.pts, ...starts) });
  };

  const missed = makeMissedUpdates({
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
    retries,
    signal,
    notice,
    beginAnew: () => beginNow(call),
  });

  const round = (): void => turns.round(places.channelIds().map(String));

  const fetchAccount = async (): Promise<boolean> => {
    const isUpToDate = await missed.fetchAccount();
    // The account's difference has named the groups that moved, as far as Telegram tells: these have gone first.
    if (isUpToDate && roundIsDue) {
      roundIsDue = false;
      round();
    }
    return isUpToDate;
  };

  /** Whatever was missed: the new names of people among it are told to nobody again. */
  const fetchAll = (): Promise<unknown> => {
    peers.forgetUsers();
    return fetchAccount();
  };

  const take = async (updates: Api.TypeUpdates): Promise<void> => {
    const { account } = places;
    if (!account || updates instanceof Api.UpdatesTooLong) return void (await fetchAll());
    const { parts, users, chats, renamed: people, sent: messages, seq, date = 0 } = partsOf(updates, peers);
    renamed(people);
    acknowledgements.note(sent(messages));
    acknowledgements.note(peers.learn(users, chats));
    places.see(chats, Math.max(account.date, date));
    // Groups number theirs by themselves: what is missing is the account's.
    const isAhead = seq !== undefined && seq.first > account.seq + 1;
    if (!isAhead && seq !== undefined && seq.last > account.seq)
      places.moveAccount({ ...account, seq: seq.last, date: Math.max(account.date, date) });
    for (const part of parts) {
      if (part instanceof Api.UpdatePtsChanged) await missed.checkAccount();
      else if (part instanceof Api.UpdateChannelTooLong) {
        if (missed.isBehind(part)) turns.soon(String(markedChannelId(Number(part.channelId))));
      } else if (part.channelId !== undefined) route(part, part.channelId);
      else if (!isAhead) await apply(part);
    }
    if (isAhead) await fetchAll();
  };

  return {
    load: places.load,
    establish: async (link) => {
      if (!places.account) await beginNow(link);
    },
    push: (updates) => {
      heardAt = clock.now();
      if (isLost) jobs.close();
      jobs.add(() => take(updates), updates);
    },
    catchUp: () => {
      heardAt = clock.now();
      roundIsDue = true;
      isLost = false;
      jobs.open(fetchAll);
    },
    lose: () => {
      isLost = true;
    },
    compare: ({ pts, qts, seq }) => {
      const quiet = clock.now() - heardAt >= QUIET_MS;
      if (quiet) heardAt = clock.now();
      jobs.add(async () => {
        if (quiet) round();
        const silent = quiet ? [] : silence.tooLong(places.channelIds().map(String));
        if (silent.length > 0) turns.round(silent);
        const { account } = places;
        if (!account) return;
        if (pts < account.pts || qts < account.qts || seq < account.seq) await missed.checkAccount();
        else if ((pts > account.pts || qts > account.qts) && !gaps.has(ACCOUNT)) await fetchAccount();
      });
    },
    topOf: (chatId) => (isChannelId(chatId) ? places.channel(chatId) : places.account)?.top ?? 0,
    stop: () => {
      stopping.abort();
      gaps.endAll();
      retries.stop();
      turns.stop();
    },
  };
};
