import type { EventHub } from '../../application/index.ts';
import { type EventOf, gatewayOf } from '../../domain/index.ts';
import { durationWords } from '../../domain/shared/duration.ts';
import type { Clock } from '../../ports/index.ts';

/** When the last message of each gateway came, since this process started. */
export interface LastHeard {
  /** `; the last message came 4 min ago`, or nothing where none has come. */
  words(gateway: string): string;
}

export const makeLastHeard = (clock: Clock, events: Pick<EventHub, 'on'>): LastHeard => {
  /** By the names of gateways, which are few. */
  const heard = new Map<string, number>();
  events.on((event) => {
    if (event.type === 'message-received') heard.set(gatewayOf((event as EventOf<'message-received'>).chatId), clock.now());
  });
  return {
    words: (gateway) => {
      const at = heard.get(gateway);
      return at === undefined ? '' : `; the last message came ${durationWords(Math.max(0, clock.now() - at))} ago`;
    },
  };
};
