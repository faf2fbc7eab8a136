import type { KeptEvent } from '../domain/events/event.ts';

/** Where facts are told. Who listens is no concern of whoever tells. */
export interface Events {
  /** MUST NOT throw, and MUST NOT wait for whoever listens. */
  emit(event: KeptEvent): void;
}

/** Tells nobody. */
export const silentEvents: Events = { emit: () => undefined };
