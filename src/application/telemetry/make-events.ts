import type { KeptEvent } from '../../domain/events/event.ts';
import type { Events } from '../../ports/events.ts';

/** Listens to facts. What it throws reaches nobody; it MUST NOT wait. */
export type EventListener = (event: KeptEvent) => void;

export interface EventHub extends Events {
  /** Calls `listener` with each event from now on, until the returned function is called. */
  on(listener: EventListener): () => void;
}

/** Tells every listener of every event, in the order in which they came. `onFault` is told of a listener that threw. */
export const makeEvents = (first: readonly EventListener[] = [], onFault: (error: unknown) => void = () => undefined): EventHub => {
  const listeners = new Set<EventListener>(first);
  return {
    emit: (event) => {
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (error) {
          onFault(error);
        }
      }
    },
    on: (listener) => {
      // Two subscriptions of one function are two.
      const own: EventListener = (event) => listener(event);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
  };
};
