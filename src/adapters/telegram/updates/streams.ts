import type { Api } from 'telegram/tl/index.js';
import type { Call } from '../client/link.ts';
import type { Peers } from '../client/peers.ts';
import type { TelegramBase, TelegramSelf } from '../client/settings.ts';
import { makeAccountRecovery } from './account-recovery.ts';
import type { Acknowledgements } from './acknowledgements.ts';
import { makeApplyUpdate } from './apply-update.ts';
import { makeLearn, makeReadBatches } from './batches.ts';
import { makeFetchChannel } from './channel-recovery.ts';
import { makeChannels } from './channels.ts';
import { type Checkpoints, makeCheckpoints } from './checkpoints.ts';
import { type Deliver, makeDispatch } from './dispatch.ts';
import { makeSilence, type Silence } from './silence.ts';
import { makeStreamQueues, type StreamQueues } from './stream-queues.ts';
import { makeTakeContainer } from './take-container.ts';

/** What the feed stands on, and whom it tells. */
export interface FeedParts {
  readonly call: Call;
  readonly self: () => TelegramSelf | undefined;
  readonly peers: Peers;
  readonly acknowledgements: Acknowledgements;
  readonly deliver: Deliver;
  /** Keeps that stream's albums open until the returned function is called. */
  readonly holdAlbums: (stream: string) => () => void;
  /** Is told who has another name, before any update behind it. */
  readonly renamed: (people: readonly Api.UpdateUserName[]) => void;
  /** Is told which messages sends became; returns what is to be stored of it. */
  readonly sent: (messages: readonly Api.UpdateMessageID[]) => ReadonlyMap<string, string>;
}

/** All streams of the account, put together. */
export interface Streams {
  readonly checkpoints: Checkpoints;
  readonly queues: StreamQueues;
  readonly silence: Silence;
  /** Takes a container, in the account's queue. */
  take(updates: Api.TypeUpdates): Promise<void>;
  /** Fetches what the account's stream missed, in its queue. Resolves to whether it is up to date. */
  fetchAccount(): Promise<boolean>;
  /** As `fetchAccount`, where anything may have been missed. */
  fetchAll(): Promise<boolean>;
  /** Asks whether Telegram restarted the account's numbers, in its queue. */
  checkAccount(): Promise<boolean>;
  /** They may be behind: all channels that are known are fetched, one by one. */
  fetchChannels(): void;
}

export const makeStreams = (
  base: TelegramBase,
  { call, self, peers, acknowledgements, deliver, holdAlbums, renamed, sent }: FeedParts,
  {
    signal,
    restart,
    upToDate,
  }: {
    readonly signal: AbortSignal;
    /** The account's stream goes on from now. */
    readonly restart: () => Promise<void>;
    /** Is told when the account's stream is up to date. */
    readonly upToDate: () => void;
  },
): Streams => {
  const { state, clock, notice } = base;
  const checkpoints = makeCheckpoints(state, () => self()?.privacyMode !== true);
  const silence = makeSilence(clock);
  const dispatch = makeDispatch({ acknowledgements, checkpoints, deliver, notice });
  const learn = makeLearn({ peers, checkpoints, acknowledgements, renamed, sent });
  const readBatches = makeReadBatches({ learn, checkpoints, holdAlbums, signal });

  const fetchAccount = async (): Promise<boolean> => {
    const isUpToDate = await account.fetch();
    if (isUpToDate) upToDate();
    return isUpToDate;
  };
  const fetchAll = (): Promise<boolean> => {
    // New names of people may be among what was missed, and are not told again.
    peers.forgetUsers();
    return fetchAccount();
  };
  const checkAccount = (): Promise<boolean> => account.check();

  const queues = makeStreamQueues(base, signal, fetchAccount, (stream) => fetchChannel(stream));
  const apply = makeApplyUpdate({ checkpoints, dispatch, fetchAccount, checkAccount, queues });
  const fetchChannel = makeFetchChannel({ call, self, peers, checkpoints, readBatches, dispatch, apply, queues, notice });
  const channels = makeChannels({ self, peers, checkpoints, acknowledgements, silence, queues, apply });
  const account = makeAccountRecovery({ call, checkpoints, readBatches, dispatch, channels, queues, restart, notice });
  const take = makeTakeContainer({ peers, checkpoints, learn, apply, channels, checkAccount, fetchAll });
  const fetchChannels = (): void => queues.fetchInTurn(checkpoints.channelIds().map(String));

  return { checkpoints, queues, silence, take, fetchAccount, fetchAll, checkAccount, fetchChannels };
};
