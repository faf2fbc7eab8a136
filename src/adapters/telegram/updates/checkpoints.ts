import { Api } from 'telegram/tl/index.js';
import { z } from 'zod';
import type { KeyValueState } from '../../../ports/index.ts';
import { markedChannelId } from '../client/ids.ts';
import { CHANNEL_PLACES, PLACE } from '../client/state-keys.ts';
import type { AccountCheckpoint, ChannelCheckpoint } from './difference.ts';
import type { History } from './history.ts';

const channelKey = (channelId: number): string => `${CHANNEL_PLACES}${channelId}`;

const placeSchema = z.object({ pts: z.number(), top: z.number() });
const channelSchema = placeSchema.extend({
  since: z.number().exactOptional(),
  allSince: z.number().exactOptional(),
  seesAll: z.boolean().exactOptional(),
});
const accountSchema = placeSchema
  .extend({ qts: z.number(), date: z.number(), seq: z.number(), since: z.number().exactOptional() })
  .transform((place) => ({ since: place.date, ...place }));

/**
 * How far each stream of updates has come in this process. What is stored may be behind: a move gives the changes that
 * store it, for when all before it was received.
 */
export interface Checkpoints {
  load(): Promise<void>;
  /** Undefined until the account was connected once. */
  readonly account: AccountCheckpoint | undefined;
  channel(channelId: number): ChannelCheckpoint | undefined;
  channelIds(): readonly number[];
  /** Stores the account's place at once: nothing before it counts. */
  begin(place: AccountCheckpoint): Promise<void>;
  moveAccount(place: AccountCheckpoint): ReadonlyMap<string, string>;
  /** What is known of the group besides stays so. */
  moveChannel(channelId: number, place: Pick<ChannelCheckpoint, 'pts' | 'top' | 'since'>): ReadonlyMap<string, string>;
  /**
   * Takes in what chats say of the account's place in them: since when it is there, and is told of everything. `now` is
   * in seconds since 1970. Stored with the group's next move.
   */
  see(chats: readonly Api.TypeChat[], now: number): void;
  /** Of that group, or of the account's own stream. */
  historyOf(channelId?: number): History;
  forgetChannel(channelId: number): Promise<void>;
}

/** `isToldAll`: whether the account is told of everything in every group that it is in. */
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
    begin: async (place) => {
      await state.set(new Map([[PLACE, JSON.stringify(place)]]));
      account = place;
    },
    moveAccount: (place) => {
      account = place;
      return new Map([[PLACE, JSON.stringify(place)]]);
    },
    moveChannel: (channelId, { pts, top, since = 0 }) => {
      const known = channels.get(channelId);
      const place = { ...known, pts, top, since: Math.max(since, known?.since ?? 0) };
      channels.set(channelId, place);
      return new Map([[channelKey(channelId), JSON.stringify(place)]]);
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
