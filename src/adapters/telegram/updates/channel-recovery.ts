import type { Notice } from '../../../ports/index.ts';
import { portErrorOf, rpcErrorOf } from '../client/errors.ts';
import type { Call } from '../client/link.ts';
import type { Peers } from '../client/peers.ts';
import type { TelegramSelf } from '../client/settings.ts';
import type { ReadBatches } from './batches.ts';
import type { Checkpoints } from './checkpoints.ts';
import { channelDifference } from './difference.ts';
import type { Dispatch } from './dispatch.ts';
import { afterChannelFailure, differenceLimit, freshOf } from './recovery-rules.ts';
import type { StreamQueues } from './stream-queues.ts';
import type { NumberedUpdate } from './updates.ts';

/**
 * Brings a channel's stream up to date. Resolves to a number if that failed for a reason that holds for any channel:
 * none may be asked for so many ms, or, at 0, for as long as seems good. Other failures are tried again later.
 */
export type FetchChannel = (stream: string) => Promise<number | undefined>;

export const makeFetchChannel = ({
  call,
  self,
  peers,
  checkpoints,
  readBatches,
  dispatch,
  apply,
  queues,
  notice,
}: {
  readonly call: Call;
  readonly self: () => TelegramSelf | undefined;
  readonly peers: Peers;
  readonly checkpoints: Checkpoints;
  readonly readBatches: ReadBatches;
  readonly dispatch: Dispatch;
  /** In its stream's turn. */
  readonly apply: (part: NumberedUpdate) => Promise<void>;
  readonly queues: Pick<StreamQueues, 'gaps' | 'retries'>;
  readonly notice: Notice;
}): FetchChannel => {
  const fetch = async (stream: string, channelId: number): Promise<void> => {
    const known = checkpoints.channel(channelId);
    if (!known) return;
    const asked = peers.moment();
    const reach = { limit: differenceLimit(self()?.isBot === true), now: checkpoints.account?.date ?? 0 };
    const batches = channelDifference(call, peers.inputChannel(channelId), known, reach, notice);
    await readBatches(
      stream,
      batches,
      async ({ updates, users, chats, end }) => {
        // Known once the batch is learnt: the account may have been put out of the channel, and back in.
        const { since } = checkpoints.channel(channelId) ?? known;
        await dispatch(stream, checkpoints.moveChannel(channelId, end), freshOf(updates, since), users, chats);
      },
      asked,
    );
  };

  return async (stream) => {
    const channelId = Number(stream);
    const early = queues.gaps.end(stream);
    try {
      await fetch(stream, channelId);
      queues.retries.end(stream);
    } catch (error) {
      const { code, message: reason, retryAfterMs = 0 } = portErrorOf(error);
      const step = afterChannelFailure(code, rpcErrorOf(error) !== undefined);
      if (step !== 'forget') {
        notice('difference-postponed', { sequence: stream, reason });
        if (step === 'pause-all') return retryAfterMs;
        queues.retries.later(stream, retryAfterMs);
        return undefined;
      }
      notice('group-unreadable', { chatId: channelId, reason });
      await checkpoints.forgetChannel(channelId);
      for (const part of early) await apply(part);
    }
    return undefined;
  };
};
