import { Api } from 'telegram/tl/index.js';
import { type Logger, reasonOf } from '../../../ports/index.ts';
import { isChannelId, markedChannelId, type Peers } from '../peers.ts';
import type { TelegramBase } from '../settings.ts';
import type { Acknowledgements } from './acknowledgements.ts';
import { currentPlace } from './difference.ts';
import { makeGaps } from './gaps.ts';
import { makeJobs } from './jobs.ts';
import type { Call } from './link.ts';
import { makeMissedUpdates, type PassOn } from './missed-updates.ts';
import { makePlaces } from './places.ts';
import { makeRetries } from './retries.ts';
import { ACCOUNT, type NumberedUpdate, partsOf } from './updates.ts';

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

/** With nothing heard for so long, it is asked whether that is so (https://core.telegram.org/api/updates#recovering-gaps). */
const QUIET_MS = 15 * 60_000;

const isEdit = (update: Parameters<Deliver>[0]): update is Api.UpdateEditMessage | Api.UpdateEditChannelMessage =>
  update instanceof Api.UpdateEditMessage || update instanceof Api.UpdateEditChannelMessage;

const isNew = (update: NumberedUpdate['update']): boolean =>
  update instanceof Api.UpdateNewMessage ||
  update instanceof Api.UpdateNewChannelMessage ||
  update instanceof Api.UpdateShortMessage ||
  update instanceof Api.UpdateShortChatMessage;

/** Whether it brings a message behind all that were seen. A repeated send tells of its old message with a count of 0. */
const isNewer = ({ update, count, messageId = 0 }: NumberedUpdate, place: { readonly top: number } | undefined): boolean =>
  isNew(update) && count > 0 && messageId > (place?.top ?? 0);

export const makeUpdateFeed = (
  { state, clock, timing }: TelegramBase,
  {
    call,
    peers,
    acknowledgements,
    deliver,
    holdAlbums,
    renamed,
    sent,
    logger,
  }: {
    readonly call: Call;
    readonly peers: Peers;
    readonly acknowledgements: Acknowledgements;
    readonly deliver: Deliver;
    /** Keeps albums open until what it returns is called. */
    readonly holdAlbums: () => () => void;
    /** To be told who has another name, before anything that comes behind it. */
    readonly renamed: (people: readonly Api.UpdateUserName[]) => void;
    /** To be told which messages sends became; gives what is to be stored of it. */
    readonly sent: (messages: readonly Api.UpdateMessageID[]) => ReadonlyMap<string, string>;
    readonly logger: Logger;
  },
): UpdateFeed => {
  const stopping = new AbortController();
  const { signal } = stopping;
  const places = makePlaces(state);
  const jobs = makeJobs(signal, (error) => {
    logger.error({ reason: reasonOf(error), error }, 'an update could not be worked off; what is missing is fetched again');
    retries.later(ACCOUNT, 0);
  });
  const fetchSoon = (sequence: string): void => jobs.add(() => missed.fetch(sequence));
  const retries = makeRetries(clock, fetchSoon);
  const gaps = makeGaps(clock, timing.gapPatienceMs, fetchSoon);
  let heardAt = clock.now();

  const passOn: PassOn = async (sequence, place, updates, users, chats) => {
    const done = acknowledgements.enter(sequence, place);
    const ends: Promise<void>[] = [];
    for (const update of updates) {
      if (isEdit(update) && 'date' in update.message && update.message.date < (places.account?.since ?? 0)) {
        logger.debug(
          { update: update.className, reason: 'edit of a message from before the first start' },
          'an update brings nothing to receive',
        );
        continue;
      }
      const delivery = await deliver(update, users, chats);
      if (delivery) ends.push(delivery.settled);
    }
    if (ends.length === 0) done();
    else void Promise.all(ends).then(done);
  };

  const apply = async (part: NumberedUpdate): Promise<void> => {
    const { sequence, channelId, pts, count } = part;
    if (channelId !== undefined && !peers.isSupergroup(channelId)) return;
    if (channelId !== undefined && !places.channel(channelId)) await missed.meet(part, channelId);
    const place = channelId === undefined ? places.account : places.channel(channelId);
    // Of a supergroup whose numbers Telegram does not tell, the numbering begins here.
    const current = place?.pts ?? pts - count;
    if (pts <= current) return isNewer(part, place) ? check(sequence) : undefined;
    if (pts - count !== current) return gaps.add(part);
    if (part.lacksPeers) return missed.fetchAccount();
    const moved = moveBy(part, Math.max(place?.top ?? 0, part.messageId ?? 0));
    if (moved) await passOn(sequence, moved, [part.update], part.users, part.chats);
    for (const early of gaps.end(sequence)) await apply(early);
  };

  /** A number that was passed, of a message that was not: the numbers have begun anew, or it was deleted since. */
  const check = (sequence: string): Promise<void> => (sequence === ACCOUNT ? missed.checkAccount() : missed.fetch(sequence));

  const moveBy = ({ channelId, pts, date = 0 }: NumberedUpdate, top: number): ReadonlyMap<string, string> | undefined => {
    if (channelId !== undefined) return places.moveChannel(channelId, { ...(top === 0 ? places.channel(channelId) : {}), pts, top });
    const { account } = places;
    return account && places.moveAccount({ ...account, pts, top, date: Math.max(account.date, date) });
  };

  const beginNow = async (link: Call): Promise<void> => {
    const now = await currentPlace(link, places.account);
    // What has come in already is counted in by the answer, and waits for its turn here: the place is before it.
    const waiting = jobs.waiting().flatMap((updates) => partsOf(updates, peers).parts);
    const starts = waiting.flatMap((part) => ('sequence' in part && part.sequence === ACCOUNT ? [part.pts - part.count] : []));
    await places.begin({ ...now, pts: Math.min(now.pts, ...starts) });
  };

  const missed = makeMissedUpdates({
    ...{ call, peers, places, gaps, acknowledgements, passOn, apply, holdAlbums, renamed, sent, retries, signal, logger },
    beginAnew: () => beginNow(call),
  });

  /** Whatever was missed: the new names of people among it are told to nobody again. */
  const fetchAll = (): Promise<void> => {
    peers.forgetUsers();
    return missed.fetch(ACCOUNT);
  };

  const take = async (updates: Api.TypeUpdates): Promise<void> => {
    const { account } = places;
    if (!account || updates instanceof Api.UpdatesTooLong) return fetchAll();
    const { parts, users, chats, renamed: people, sent: messages, seq, date = 0 } = partsOf(updates, peers);
    renamed(people);
    acknowledgements.note(sent(messages));
    acknowledgements.note(peers.learn(users, chats));
    if (seq !== undefined && seq.first > account.seq + 1) return fetchAll();
    if (seq !== undefined && seq.last > account.seq) places.moveAccount({ ...account, seq: seq.last, date: Math.max(account.date, date) });
    for (const part of parts) {
      if (part instanceof Api.UpdatePtsChanged) await missed.checkAccount();
      else if (part instanceof Api.UpdateChannelTooLong) {
        if (missed.isBehind(part)) await missed.fetch(String(markedChannelId(Number(part.channelId))));
      } else await apply(part);
    }
  };

  return {
    load: places.load,
    establish: async (link) => {
      if (!places.account) await beginNow(link);
      jobs.open();
    },
    push: (updates) => {
      heardAt = clock.now();
      jobs.add(() => take(updates), updates);
    },
    catchUp: () => {
      heardAt = clock.now();
      jobs.add(fetchAll);
      jobs.add(async () => {
        for (const channelId of places.channelIds().filter(isChannelId)) await missed.fetch(String(channelId));
      });
    },
    compare: ({ pts, qts, seq }) => {
      const quiet = clock.now() - heardAt >= QUIET_MS;
      if (quiet) heardAt = clock.now();
      jobs.add(async () => {
        if (quiet) for (const channelId of places.channelIds()) await missed.fetch(String(channelId));
        const { account } = places;
        if (!account) return;
        if (pts < account.pts || qts < account.qts || seq < account.seq) await missed.checkAccount();
        else if ((pts > account.pts || qts > account.qts) && !gaps.has(ACCOUNT)) await missed.fetch(ACCOUNT);
      });
    },
    topOf: (chatId) => (isChannelId(chatId) ? places.channel(chatId) : places.account)?.top ?? 0,
    stop: () => {
      stopping.abort();
      gaps.endAll();
      retries.stop();
    },
  };
};
