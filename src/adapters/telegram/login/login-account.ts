import type { Clock, Events, KeyValueState, Randomness } from '../../../ports/index.ts';
import type { TelegramSettings } from '../client/settings.ts';

/** Where an account is signed in, and what with. */
export interface LoginAccount {
  readonly settings: Omit<TelegramSettings, 'account'>;
  readonly state: KeyValueState;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly events: Events;
}
