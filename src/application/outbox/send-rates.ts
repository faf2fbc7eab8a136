import type { ChatId } from '../../domain/message/ids.ts';
import type { GatewayLimits } from '../../ports/chat-gateway.ts';
import type { Clock } from '../../ports/clock.ts';

/** At most so many times within so long, whichever stretch of time one looks at. */
interface Rate {
  /** When the next time may be, in ms since 1970; undefined: now. */
  until(): number | undefined;
  take(): void;
  /** Whether no time that was taken counts any more. */
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

/** Chats that are kept in mind before those that have been quiet are forgotten. */
const MANY_CHATS = 1_000;

/** How fast one gateway may send: in all, to a chat, to a group. */
export interface SendRates {
  /** When the next message may go to that chat, in ms since 1970; undefined: now. */
  until(chatId: ChatId): number | undefined;
  take(chatId: ChatId): void;
}

export const makeSendRates = (clock: Clock, { sendsPerSecond, chatIntervalMs, groupSendsPerMinute }: GatewayLimits): SendRates => {
  const overall = sendsPerSecond === undefined ? [] : [makeRate(clock, sendsPerSecond, 1_000)];
  const chats = new Map<ChatId, readonly Rate[]>();
  const ratesOf = (chatId: ChatId): readonly Rate[] => [...overall, ...(chats.get(chatId) ?? [])];
  const newRates = (chatId: ChatId): readonly Rate[] => [
    ...(chatIntervalMs === undefined ? [] : [makeRate(clock, 1, chatIntervalMs)]),
    ...(groupSendsPerMinute === undefined || chatId > 0 ? [] : [makeRate(clock, groupSendsPerMinute, 60_000)]),
  ];
  const forgetQuiet = (): void => {
    for (const [chatId, rates] of chats) if (rates.every((rate) => rate.isQuiet())) chats.delete(chatId);
  };
  return {
    until: (chatId) => {
      const ends = ratesOf(chatId).flatMap((rate) => rate.until() ?? []);
      return ends.length > 0 ? Math.max(...ends) : undefined;
    },
    take: (chatId) => {
      if (chats.size >= MANY_CHATS) forgetQuiet();
      if (!chats.has(chatId)) chats.set(chatId, newRates(chatId));
      for (const rate of ratesOf(chatId)) rate.take();
    },
  };
};
