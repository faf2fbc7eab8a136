import type { KeptFigures } from './measure-kept.ts';

/** So much of what was measured is to be used day by day: the rest is for bursts, and for a start after an outage. */
const SHARE = 1 / 3;
/** Telegram lets a bot send so many messages a second, over all chats. */
export const TELEGRAM_PER_SECOND = 30;

/** What a machine can carry day by day. */
export interface Carries {
  readonly messagesPerSecond: number;
  /** So many people may each write one message a minute. */
  readonly peopleAMinute: number;
  readonly promisesPerHour: number;
  /** Whether Telegram's limit comes before that of the machine. */
  readonly isLimitedByTelegram: boolean;
}

export const carriesOf = ({ sideBySide, promises }: Pick<KeptFigures, 'sideBySide' | 'promises'>): Carries => {
  const messagesPerSecond = Math.floor(sideBySide.perSecond * SHARE * 10) / 10;
  return {
    messagesPerSecond,
    peopleAMinute: Math.floor(messagesPerSecond * 60),
    promisesPerHour: Math.floor(promises.perSecond * SHARE * 3_600),
    isLimitedByTelegram: messagesPerSecond > TELEGRAM_PER_SECOND,
  };
};
