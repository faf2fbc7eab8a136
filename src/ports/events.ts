import type { KeptEvent } from '../domain/events/event.ts';
import type { EngineNotice, Facts, GatewayNotice, ModelServerNotice } from '../domain/events/notices.ts';

/** Where facts are told. Who listens is no concern of whoever tells. */
export interface Events {
  /** MUST NOT throw, and MUST NOT wait for whoever listens. */
  emit(event: KeptEvent): void;
}

/** Tells nobody. */
export const silentEvents: Events = { emit: () => undefined };

type NoticeOf<Name> = (notice: Name, facts: Facts) => void;

/** What a gateway tells of the other side. */
export type Notice = NoticeOf<GatewayNotice>;

/** Notices of the gateway of that name, as events. */
export const noticesOf =
  (events: Events, gateway: string): Notice =>
  (notice, facts) =>
    events.emit({ type: 'gateway-noticed', gateway, notice, facts });

export const silentNotice: Notice = () => undefined;

/** What an engine tells of its database. */
export type EngineNotices = NoticeOf<EngineNotice>;

export const engineNoticesOf =
  (events: Events, engine: string): EngineNotices =>
  (notice, facts) =>
    events.emit({ type: 'engine-noticed', engine, notice, facts });

export const silentEngineNotices: EngineNotices = () => undefined;

/** What a model's adapter tells of the server. */
export type ModelServerNotices = NoticeOf<ModelServerNotice>;

export const modelServerNoticesOf =
  (events: Events, model: string): ModelServerNotices =>
  (notice, facts) =>
    events.emit({ type: 'model-server-noticed', model, notice, facts });
