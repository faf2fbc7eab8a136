import { z } from 'zod';
import type { GatewayState } from '../../../ports/index.ts';
import type { AccountPlace, ChannelPlace } from './difference.ts';

/** Where the stored places in the streams of updates stand. */
export const PLACE = 'updates';
const CHANNELS = 'updates:';
export const channelKey = (channelId: number): string => `${CHANNELS}${channelId}`;

const placeSchema = z.object({ pts: z.number(), top: z.number() });
const channelSchema = placeSchema.extend({ since: z.number().exactOptional() });
const accountSchema = placeSchema.extend({ qts: z.number(), date: z.number(), seq: z.number() });

export const loadPlaces = async (
  state: GatewayState,
): Promise<{ readonly account: AccountPlace | undefined; readonly channels: ReadonlyMap<number, ChannelPlace> }> => {
  const stored = await state.get(PLACE);
  const channels = await state.list(CHANNELS);
  return {
    account: stored === undefined ? undefined : accountSchema.parse(JSON.parse(stored)),
    channels: new Map([...channels].map(([key, text]) => [Number(key.slice(CHANNELS.length)), channelSchema.parse(JSON.parse(text))])),
  };
};
