import type { Api } from 'telegram/tl/index.js';
import { markedChannelId } from '../client/ids.ts';
import type { Peers } from '../client/peers.ts';
import type { TelegramSelf } from '../client/settings.ts';
import type { Acknowledgements } from './acknowledgements.ts';
import type { Checkpoints } from './checkpoints.ts';
import { checkpointBefore, historyEnd, isElsewhere } from './recovery-rules.ts';
import type { Silence } from './silence.ts';
import type { StreamQueues } from './stream-queues.ts';
import type { NumberedUpdate } from './updates.ts';

/** The channels' pts streams: each is worked off by itself, beside the account's. Only supergroups are read. */
export interface Channels {
  /** Gives the update its turn in its channel's stream. A channel that is new has its checkpoint when this returns. */
  take(part: NumberedUpdate, channelId: number): void;
  /** Telegram says that a channel is elsewhere: it is fetched, unless its checkpoint says the same. */
  tooLong(update: Api.UpdateChannelTooLong): void;
}

export const makeChannels = ({
  self,
  peers,
  checkpoints,
  acknowledgements,
  silence,
  queues,
  apply,
}: {
  readonly self: () => TelegramSelf | undefined;
  readonly peers: Peers;
  readonly checkpoints: Checkpoints;
  readonly acknowledgements: Acknowledgements;
  readonly silence: Silence;
  readonly queues: Pick<StreamQueues, 'runInChannel' | 'fetchSoon'>;
  readonly apply: (part: NumberedUpdate) => Promise<void>;
}): Channels => {
  /**
   * A channel gets its first checkpoint before the account's own moves on, so that what is new there stays new,
   * however often it must be asked for.
   */
  const initialise = (channelId: number, pts: number, newest?: number): void => {
    const since = historyEnd(peers.chat(channelId), checkpoints.account?.since, newest);
    acknowledgements.note(checkpoints.moveChannel(channelId, { pts, top: 0, since }));
  };

  return {
    take: (part, channelId) => {
      if (!peers.isSupergroup(channelId)) return;
      silence.heard(part.stream);
      if (!checkpoints.channel(channelId)) {
        const { pts, newest } = checkpointBefore(part, self()?.isBot === true);
        initialise(channelId, pts, newest);
      }
      queues.runInChannel(part.stream, () => apply(part));
    },
    tooLong: (update) => {
      const channelId = markedChannelId(Number(update.channelId));
      if (!peers.isSupergroup(channelId)) return;
      const known = checkpoints.channel(channelId);
      if (!known) initialise(channelId, 1);
      if (isElsewhere(known, update.pts)) queues.fetchSoon(String(channelId));
    },
  };
};
