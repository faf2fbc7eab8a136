import type { ChatId } from './ids.ts';

/** A chat that goes on under another id: a basic group of Telegram's that has become a supergroup. */
export interface ChatMove {
  readonly from: ChatId;
  readonly to: ChatId;
  /** When we learnt of it, in ms since 1970. */
  readonly at: number;
}
