import type { ServiceFields } from '../../adapters/system/index.ts';
import type { Drain } from '../../domain/index.ts';
import type { Started } from '../started.ts';

/** What a supervised process says to its supervisor, over the channel that ends with either of them. */
export type ChildWord =
  /** Its code is loaded; it begins once it is told to. */
  | { readonly kept: 'loaded' }
  /** Its start has come so far that it waits for that: `the database`. */
  | { readonly kept: 'starting'; readonly waitsFor: string }
  | { readonly kept: 'started'; readonly started: Started }
  /** Its loop turns. */
  | { readonly kept: 'alive' }
  /** It ends, and waits for that. */
  | { readonly kept: 'draining'; readonly drain: Drain }
  /** What a service manager is told. */
  | { readonly kept: 'told'; readonly fields: ServiceFields };

/** What the start of a supervisor waits for once its bot serves. */
export const WORKERS_WAIT = 'the workers';

/** What the supervisor says. */
export interface SupervisorWord {
  readonly kept: 'begin';
}

export const isSupervisorWord = (word: unknown): word is SupervisorWord =>
  typeof word === 'object' && word !== null && 'kept' in word && word.kept === 'begin';

export const isChildWord = (word: unknown): word is ChildWord => typeof word === 'object' && word !== null && 'kept' in word;

/** This signal asks a supervisor for a rolling restart. */
export const ROLL_SIGNAL = 'SIGUSR2';

/** How often a supervised process gives a sign of life is half of this. */
export const SIGN_OF_LIFE_MS = 10_000;
