import type { Api } from 'telegram/tl/index.js';
import { isChannelId } from '../client/ids.ts';
import type { Call } from '../client/link.ts';
import type { TelegramBase } from '../client/settings.ts';
import { currentCheckpoint } from './difference.ts';
import { type FeedEffect, type FeedEvent, firstFeedState, nextFeedState } from './feed-state.ts';
import { firstAccountCheckpoint, stepForState } from './stream-rules.ts';
import { type FeedParts, makeStreams } from './streams.ts';
import { ACCOUNT, partsOf } from './updates.ts';

/** Brings every message in once, in order, whatever was lost on the way. Acknowledges it when it was received. */
export interface UpdateFeed {
  load(): Promise<void>;
  /** Resolves when a checkpoint is stored: no update behind it is missed. At a first connection, that is now. */
  establish(call: Call): Promise<void>;
  /** Takes what came in. All that follows happens later. */
  push(updates: Api.TypeUpdates): void;
  /**
   * Catches up: at the start, and after each loss of the connection. Updates that came in before are worked off
   * afterwards.
   */
  catchUp(): void;
  /** The connection is lost: from now on nobody knows what is missing. */
  lose(): void;
  /** Checks by the account's true state whether anything is missing. */
  compare(state: Api.updates.State): void;
  /** The highest message id so far, in the stream that numbers that chat's messages. */
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
