import type { ChatId, UserId } from '../../../domain/index.ts';

/** What the account may do in a group. */
export interface GroupRights {
  readonly chatId: ChatId;
  readonly title?: string;
  /**
   * `admin`: it sees every message. `member`: what it sees is up to the privacy mode. `mute`: it may not write.
   * `absent`: it is not in the group. `unknown`: Telegram did not say, and `reason` says why.
   */
  readonly state: 'admin' | 'member' | 'mute' | 'absent' | 'unknown';
  readonly reason?: string;
}

/** What Telegram lets the account do. */
export interface TelegramRights {
  readonly isBot: boolean;
  /** Whether it is told only of commands, mentions and replies to it, in groups where it is no admin. */
  readonly privacyMode: boolean;
  /** Who may write to the bot, where its owner limits that at Telegram. Absent: everybody, as far as Telegram says. */
  readonly restrictedTo?: readonly UserId[];
  readonly groups: readonly GroupRights[];
}
