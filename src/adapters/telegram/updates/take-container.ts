import { Api } from 'telegram/tl/index.js';
import type { Peers } from '../client/peers.ts';
import type { Learn } from './batches.ts';
import type { Channels } from './channels.ts';
import type { Checkpoints } from './checkpoints.ts';
import { containerOrder } from './stream-rules.ts';
import { type NumberedUpdate, partsOf } from './updates.ts';

/**
 * Takes one container of updates as it came in: learns what it tells of people and chats, then gives each update
 * its way.
 */
export const makeTakeContainer =
  ({
    peers,
    checkpoints,
    learn,
    apply,
    channels,
    checkAccount,
    fetchAll,
  }: {
    readonly peers: Peers;
    readonly checkpoints: Checkpoints;
    readonly learn: Learn;
    readonly apply: (part: NumberedUpdate) => Promise<void>;
    readonly channels: Channels;
    readonly checkAccount: () => Promise<boolean>;
    /** Anything may be missing. */
    readonly fetchAll: () => Promise<unknown>;
  }): ((updates: Api.TypeUpdates) => Promise<void>) =>
  async (updates) => {
    const { account } = checkpoints;
    if (!account || updates instanceof Api.UpdatesTooLong) return void (await fetchAll());
    const container = partsOf(updates, peers);
    learn(container, Math.max(account.date, container.date ?? 0));
    const { isAhead, moved } = containerOrder(account, container);
    if (moved) checkpoints.moveAccount(moved);
    for (const part of container.parts) {
      if (part instanceof Api.UpdatePtsChanged) await checkAccount();
      else if (part instanceof Api.UpdateChannelTooLong) channels.tooLong(part);
      else if (part.channelId !== undefined) channels.take(part, part.channelId);
      else if (!isAhead) await apply(part);
    }
    if (isAhead) await fetchAll();
  };
