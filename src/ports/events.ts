import type { KeptEvent } from '../domain/events/event.ts';
import type { Facts, GatewayNotice } from '../domain/events/notices.ts';

/** Where facts are told. Who listens is no concern of whoever tells. */
export interface Events {
  /** MUST NOT throw, and MUST NOT wait for whoever listens. */
  emit(event: KeptEvent): void;
}

/** Tells nobody. */
export const silentEvents: Events = { emit: () => undefined };

/** What a gateway tells of the other side. */
export type Notice = (notice: GatewayNotice, facts: Facts) => void;

/** Notices of the gateway of that name, as events. */
export const noticesOf =
  (events: Events, gateway: string): Notice =>
  (notice, facts) =>
    events.emit({ type: 'gateway-noticed', gateway, notice, facts });

export const silentNotice: Notice = () => undefined;
