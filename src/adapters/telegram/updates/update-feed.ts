import type { Api } from 'telegram/tl/index.js';
import { isChannelId } from '../client/ids.ts';
import type { Call } from '../client/link.ts';
import type { TelegramBase } from '../client/settings.ts';
import { currentCheckpoint } from './difference.ts';
import { type FeedEffect, type FeedEvent, firstFeedState, nextFeedState } from './feed-state.ts';
import { firstAccountCheckpoint, stepForState } from './stream-rules.ts';
import { type FeedParts, makeStreams } from './streams.ts';
import { ACCOUNT, partsOf } from './updates.ts';

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

export const makeUpdateFeed = (base: TelegramBase, parts: FeedParts): UpdateFeed => {
  const { clock } = base;
  const { call, peers } = parts;
  const stopping = new AbortController();
  let state = firstFeedState(clock.now());
  const note = (event: FeedEvent): FeedEffect | undefined => {
    const next = nextFeedState(state, event, clock.now());
    state = next.state;
    return next.effect;
  };
  const beginNow = async (link: Call): Promise<void> => {
    const now = await currentCheckpoint(link, checkpoints.account);
    const waiting = queues.account.waiting().map((updates) => partsOf(updates, peers));
    await checkpoints.begin(firstAccountCheckpoint(now, waiting));
  };
  const streams = makeStreams(base, parts, {
    signal: stopping.signal,
    restart: () => beginNow(call),
    // The account's difference has named the channels that moved, as far as Telegram tells: these go first.
    upToDate: () => {
      if (note('up-to-date') === 'ask-all-channels') streams.fetchChannels();
    },
  });
  const { checkpoints, queues, silence } = streams;

  const compareNow = async (found: Api.updates.State, isQuiet: boolean): Promise<void> => {
    if (isQuiet) streams.fetchChannels();
    const silent = isQuiet ? [] : silence.tooLong(checkpoints.channelIds().map(String));
    if (silent.length > 0) queues.fetchInTurn(silent);
    const { account } = checkpoints;
    if (!account) return;
    const step = stepForState(account, found, queues.gaps.has(ACCOUNT));
    if (step === 'check') await streams.checkAccount();
    else if (step === 'fetch') await streams.fetchAccount();
  };

  return {
    load: checkpoints.load,
    establish: async (link) => {
      if (!checkpoints.account) await beginNow(link);
    },
    push: (updates) => {
      if (note('pushed') === 'hold-updates') queues.account.close();
      queues.account.add(() => streams.take(updates), updates);
    },
    catchUp: () => {
      note('connected');
      queues.account.open(streams.fetchAll);
    },
    lose: () => void note('lost'),
    compare: (found) => {
      const isQuiet = note('compared') === 'ask-all-channels';
      queues.account.add(() => compareNow(found, isQuiet));
    },
    topOf: (chatId) => (isChannelId(chatId) ? checkpoints.channel(chatId) : checkpoints.account)?.top ?? 0,
    stop: () => {
      stopping.abort();
      queues.stop();
    },
  };
};
