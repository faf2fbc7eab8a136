import type { ChatId } from '../../domain/index.ts';
import type { GatewayLimits } from '../../ports/index.ts';
import { markedIdOf } from './client/ids.ts';
import type { TelegramAccount } from './client/settings.ts';

const GROUP_SENDS_PER_MINUTE = 20;

type Limits = GatewayLimits & Required<Pick<GatewayLimits, 'chatIntervalMs'>>;

/** https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this */
const BOT_LIMITS: Limits = {
  draftIntervalMs: 3_000,
  sendsPerSecond: 30,
  chatIntervalMs: 1_000,
  sendsPerMinuteIn: (room: ChatId) => (markedIdOf(room) < 0 ? GROUP_SENDS_PER_MINUTE : undefined),
};

/**
 * Telegram publishes no limits for people, and answers what no person could type with PEER_FLOOD or a frozen account:
 * about one message a second in all, and no message in a group that is edited while others read it.
 */
const PERSON_LIMITS: Limits = { ...BOT_LIMITS, sendsPerSecond: 1, draftsInGroups: false };

export const limitsOf = ({ kind }: TelegramAccount): Limits => (kind === 'bot' ? BOT_LIMITS : PERSON_LIMITS);
