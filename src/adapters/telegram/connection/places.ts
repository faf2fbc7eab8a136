import { z } from 'zod';
import type { GatewayState } from '../../../ports/index.ts';
import type { AccountPlace, ChannelPlace } from './difference.ts';

/** Where the stored places in the streams of updates stand. */
export const PLACE = 'updates';
const CHANNELS = 'updates:';
const channelKey = (channelId: number): string => `${CHANNELS}${channelId}`;

const placeSchema = z.object({ pts: z.number(), top: z.number() });
const channelSchema = placeSchema.extend({ since: z.number().exactOptional() });
const accountSchema = placeSchema
  .extend({ qts: z.number(), date: z.number(), seq: z.number(), since: z.number().exactOptional() })
  .transform((place) => ({ since: place.date, ...place }));

/**
 * How far each stream of updates has come in this process. What is stored may be behind: a move gives the changes that store it, for when
 * all before it was received.
 */
export interface Places {
  load(): Promise<void>;
  /** Undefined until the account was connected once. */
  readonly account: AccountPlace | undefined;
  channel(channelId: number): ChannelPlace | undefined;
  channelIds(): readonly number[];
  /** Stores the account's place at once: nothing before it counts. */
  begin(place: AccountPlace): Promise<void>;
  moveAccount(place: AccountPlace): ReadonlyMap<string, string>;
  moveChannel(channelId: number, place: ChannelPlace): ReadonlyMap<string, string>;
  forgetChannel(channelId: number): Promise<void>;
}

export const makePlaces = (state: GatewayState): Places => {
  const channels = new Map<number, ChannelPlace>();
  let account: AccountPlace | undefined;

  return {
    load: async () => {
      const stored = await state.get(PLACE);
      account = stored === undefined ? undefined : accountSchema.parse(JSON.parse(stored));
      for (const [key, text] of await state.list(CHANNELS))
        channels.set(Number(key.slice(CHANNELS.length)), channelSchema.parse(JSON.parse(text)));
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
    moveChannel: (channelId, place) => {
      channels.set(channelId, place);
      return new Map([[channelKey(channelId), JSON.stringify(place)]]);
    },
    forgetChannel: async (channelId) => {
      channels.delete(channelId);
      await state.set(new Map([[channelKey(channelId), undefined]]));
    },
  };
};
