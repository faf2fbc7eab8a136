import type { Notice } from '../../../ports/index.ts';
import { portErrorOf } from '../client/errors.ts';
import type { Call } from '../client/link.ts';
import type { ReadBatches } from './batches.ts';
import type { Channels } from './channels.ts';
import type { Checkpoints } from './checkpoints.ts';
import { type AccountCheckpoint, accountByNumber, accountDifference, type Batch, currentCheckpoint } from './difference.ts';
import type { Dispatch } from './dispatch.ts';
import { afterAccountFailure, byStream, planOfCheck } from './recovery-rules.ts';
import type { StreamQueues } from './stream-queues.ts';
import { ACCOUNT } from './updates.ts';

/** Brings the account's stream up to date. Resolves to whether it is; if not, it is fetched again later. */
export interface AccountRecovery {
  /** Fetches what was missed since the checkpoint. */
  fetch(): Promise<boolean>;
  /** Asks where the stream is first. If Telegram restarted its numbers, new messages were taken for known ones. */
  check(): Promise<boolean>;
}

export const makeAccountRecovery = ({
  call,
  checkpoints,
  readBatches,
  dispatch,
  channels,
  queues,
  restart,
  notice,
}: {
  readonly call: Call;
  readonly checkpoints: Checkpoints;
  readonly readBatches: ReadBatches;
  readonly dispatch: Dispatch;
  readonly channels: Channels;
  readonly queues: Pick<StreamQueues, 'gaps' | 'retries'>;
  /** The stream goes on from now. */
  readonly restart: () => Promise<void>;
  readonly notice: Notice;
}): AccountRecovery => {
  const take = async (batch: Batch<AccountCheckpoint>): Promise<void> => {
    const { ours, ofChannels, tooLong } = byStream(batch);
    // New channels have checkpoints before the account's moves past the updates that told of them. The others'
    // stored checkpoints are behind until they are fetched: a later process fetches them again.
    for (const { part, channelId } of ofChannels) channels.take(part, channelId);
    for (const update of tooLong) channels.tooLong(update);
    await dispatch(ACCOUNT, checkpoints.moveAccount(batch.end), ours, batch.users, batch.chats);
  };

  const fetch = async (): Promise<void> => {
    const { account } = checkpoints;
    if (account) await readBatches(ACCOUNT, accountDifference(call, account, notice), take);
  };

  const check = async (): Promise<void> => {
    const known = checkpoints.account;
    if (!known) return;
    const now = await currentCheckpoint(call, known);
    const plan = planOfCheck(known, now);
    if (plan === 'by-number') return readBatches(ACCOUNT, accountByNumber(call, known, now, notice), take);
    if (plan.counters) await dispatch(ACCOUNT, checkpoints.moveAccount(plan.counters), [], [], []);
    if (plan.fetch) await fetch();
  };

  const attempt = async (work: () => Promise<void>): Promise<boolean> => {
    queues.gaps.end(ACCOUNT);
    try {
      await work();
    } catch (error) {
      const { code, message: reason, retryAfterMs = 0 } = portErrorOf(error);
      const { account } = checkpoints;
      if (afterAccountFailure(code, account !== undefined) === 'retry') {
        notice('difference-postponed', { sequence: ACCOUNT, reason });
        queues.retries.later(ACCOUNT, retryAfterMs);
        return false;
      }
      notice('stream-unknown', { reason, place: account });
      await restart();
    }
    queues.retries.end(ACCOUNT);
    return true;
  };

  return { fetch: () => attempt(fetch), check: () => attempt(check) };
};
