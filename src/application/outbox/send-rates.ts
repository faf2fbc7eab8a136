import { type ChatId, roomOf } from '../../domain/chat/ids.ts';
import type { GatewayLimits } from '../../ports/chat-gateway.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Lane } from './flood-waits.ts';

/** A rate limit over a sliding window. */
interface Rate {
  /** When the next send is allowed, in ms since 1970. Undefined: now. */
  until(): number | undefined;
  take(): void;
  /** Whether no earlier send counts any more. */
  isQuiet(): boolean;
}

const makeRate = (clock: Clock, most: number, withinMs: number): Rate => {
  let taken: readonly number[] = [];
  return {
    until: () => {
      const oldest = taken.at(-most);
      return oldest !== undefined && oldest + withinMs > clock.now() ? oldest + withinMs : undefined;
    },
    take: () => {
      taken = [...taken, clock.now()].slice(-most);
    },
    isQuiet: () => (taken.at(-1) ?? Number.NEGATIVE_INFINITY) + withinMs <= clock.now(),
  };
};

/** The number of chats above which quiet ones are forgotten. */
const MANY_CHATS = 1_000;

/** How fast one gateway may send: in total, to a chat, and to a room. */
export interface SendRates {
  /** When the next message in that lane may go to that chat, in ms since 1970; undefined: now. */
  until(lane: Lane, chatId: ChatId): number | undefined;
  take(lane: Lane, chatId: ChatId): void;
}

/**
 * A rate for everything that is sent. Drafts and progress take at most half of it, so that answers do not wait for
 * them.
 */
interface SharedRate {
  readonly all: Rate;
  readonly progress: Rate;
}

const makeSharedRate = (clock: Clock, most: number, withinMs: number): SharedRate => ({
  all: makeRate(clock, most, withinMs),
  progress: most > 1 ? makeRate(clock, Math.floor(most / 2), withinMs) : makeRate(clock, 1, 2 * withinMs),
});

const ratesFor = (lane: Lane, { all, progress }: SharedRate): readonly Rate[] => (lane === 'progress' ? [all, progress] : [all]);

export const makeSendRates = (clock: Clock, { sendsPerSecond, chatIntervalMs, sendsPerMinuteIn }: GatewayLimits): SendRates => {
  const overall = sendsPerSecond === undefined ? [] : [makeSharedRate(clock, sendsPerSecond, 1_000)];
  // The platform counts a room with all its threads.
  const rooms = new Map<ChatId, readonly SharedRate[]>();
  const ratesOf = (lane: Lane, chatId: ChatId): readonly Rate[] =>
    [...overall, ...(rooms.get(roomOf(chatId)) ?? [])].flatMap((rate) => ratesFor(lane, rate));
  const newRates = (room: ChatId): readonly SharedRate[] => {
    const perMinute = sendsPerMinuteIn?.(room);
    return [
      ...(chatIntervalMs === undefined ? [] : [makeSharedRate(clock, 1, chatIntervalMs)]),
      ...(perMinute === undefined ? [] : [makeSharedRate(clock, perMinute, 60_000)]),
    ];
  };
  const forgetQuiet = (): void => {
    for (const [room, rates] of rooms) if (rates.every(({ all, progress }) => all.isQuiet() && progress.isQuiet())) rooms.delete(room);
  };
  return {
    until: (lane, chatId) => {
      const ends = ratesOf(lane, chatId).flatMap((rate) => rate.until() ?? []);
      return ends.length > 0 ? Math.max(...ends) : undefined;
    },
    take: (lane, chatId) => {
      const room = roomOf(chatId);
      if (rooms.size >= MANY_CHATS) forgetQuiet();
      if (!rooms.has(room)) rooms.set(room, newRates(room));
      for (const rate of ratesOf(lane, chatId)) rate.take();
    },
  };
};
