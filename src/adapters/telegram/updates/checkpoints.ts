import { Api } from 'telegram/tl/index.js';
import { z } from 'zod';
import type { KeyValueState } from '../../../ports/index.ts';
import { markedChannelId } from '../client/ids.ts';
import { CHANNEL_PLACES, PLACE } from '../client/state-keys.ts';
import type { AccountCheckpoint, ChannelCheckpoint } from './difference.ts';
import type { History } from './history.ts';

const channelKey = (channelId: number): string => `${CHANNEL_PLACES}${channelId}`;

const checkpointSchema = z.object({ pts: z.number(), top: z.number() });
const channelSchema = checkpointSchema.extend({
  since: z.number().exactOptional(),
  allSince: z.number().exactOptional(),
  seesAll: z.boolean().exactOptional(),
});
const accountSchema = checkpointSchema
  .extend({ qts: z.number(), date: z.number(), seq: z.number(), since: z.number().exactOptional() })
  .transform((checkpoint) => ({ since: checkpoint.date, ...checkpoint }));

/**
 * How far each stream of updates has come in this process. The stored checkpoints may be behind: a move returns the
 * changes that store it, once all updates before it were received.
 */
export interface Checkpoints {
  load(): Promise<void>;
  /** Undefined until the account's first connection. */
  readonly account: AccountCheckpoint | undefined;
  channel(channelId: number): ChannelCheckpoint | undefined;
  channelIds(): readonly number[];
  /** Stores the account's checkpoint at once: nothing before it counts. */
  begin(checkpoint: AccountCheckpoint): Promise<void>;
  moveAccount(checkpoint: AccountCheckpoint): ReadonlyMap<string, string>;
  /** Changes nothing else that is known of the channel. */
  moveChannel(channelId: number, checkpoint: Pick<ChannelCheckpoint, 'pts' | 'top' | 'since'>): ReadonlyMap<string, string>;
  /**
   * Learns what chats say of the account's membership: since when it is a member, and is told of everything. `now` is
   * in seconds since 1970. Stored with the channel's next move.
   */
  see(chats: readonly Api.TypeChat[], now: number): void;
  /** Of that channel, or of the account's own stream. */
  historyOf(channelId?: number): History;
  forgetChannel(channelId: number): Promise<void>;
}

/** `isToldAll`: whether the account is told of everything in each of its groups. */
export const makeCheckpoints = (state: KeyValueState, isToldAll: () => boolean = () => true): Checkpoints => {
  const channels = new Map<number, ChannelCheckpoint>();
  let account: AccountCheckpoint | undefined;

  return {
    load: async () => {
      const stored = await state.get(PLACE);
      account = stored === undefined ? undefined : accountSchema.parse(JSON.parse(stored));
      for (const [key, text] of await state.list(CHANNEL_PLACES))
        channels.set(Number(key.slice(CHANNEL_PLACES.length)), channelSchema.parse(JSON.parse(text)));
    },
    get account() {
      return account;
    },
    channel: (channelId) => channels.get(channelId),
    channelIds: () => [...channels.keys()],
    begin: async (checkpoint) => {
      await state.set(new Map([[PLACE, JSON.stringify(checkpoint)]]));
      account = checkpoint;
    },
    moveAccount: (checkpoint) => {
      account = checkpoint;
      return new Map([[PLACE, JSON.stringify(checkpoint)]]);
    },
    moveChannel: (channelId, { pts, top, since = 0 }) => {
      const known = channels.get(channelId);
      const checkpoint = { ...known, pts, top, since: Math.max(since, known?.since ?? 0) };
      channels.set(channelId, checkpoint);
      return new Map([[channelKey(channelId), JSON.stringify(checkpoint)]]);
    },
    see: (chats, now) => {
      for (const chat of chats) {
        if (!(chat instanceof Api.Channel) || chat.min) continue;
        const channelId = markedChannelId(Number(chat.id));
        const known = channels.get(channelId);
        if (!known) continue;
        const seesAll = isToldAll() || Boolean(chat.creator || chat.adminRights);
        // https://core.telegram.org/constructor/channel: the date is when the account joined.
        const since = Math.max(known.since ?? 0, chat.left ? 0 : chat.date);
        const allSince = seesAll && known.seesAll === false ? { allSince: now } : {};
        channels.set(channelId, { ...known, since, ...allSince, seesAll });
      }
    },
    historyOf: (channelId) => {
      const since = account?.since ?? 0;
      const group = channelId === undefined ? undefined : channels.get(channelId);
      return { ...group, since: Math.max(since, group?.since ?? 0) };
    },
    forgetChannel: async (channelId) => {
      channels.delete(channelId);
      await state.set(new Map([[channelKey(channelId), undefined]]));
    },
  };
};
