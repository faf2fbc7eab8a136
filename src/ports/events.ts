import type { KeptEvent } from '../domain/events/event.ts';
import type { EngineNotice, Facts, GatewayNotice, ModelServerNotice, TracesNotice } from '../domain/events/notices.ts';

/** Takes events. The sender does not know who listens. */
export interface Events {
  /** MUST NOT throw, and MUST NOT wait for listeners. */
  emit(event: KeptEvent): void;
}

/** Drops every event. */
export const silentEvents: Events = { emit: () => undefined };

type NoticeOf<Name> = (notice: Name, facts: Facts) => void;

/** Reports what a gateway notices about its platform. */
export type Notice = NoticeOf<GatewayNotice>;

/** Notices of the gateway of that name, as events. */
export const noticesOf =
  (events: Events, gateway: string): Notice =>
  (notice, facts) =>
    events.emit({ type: 'gateway-noticed', gateway, notice, facts });

export const silentNotice: Notice = () => undefined;

/** Reports what an engine notices about its database. */
export type EngineNotices = NoticeOf<EngineNotice>;

export const engineNoticesOf =
  (events: Events, engine: string): EngineNotices =>
  (notice, facts) =>
    events.emit({ type: 'engine-noticed', engine, notice, facts });

export const silentEngineNotices: EngineNotices = () => undefined;

/** Reports what a model's adapter notices about the server. */
export type ModelServerNotices = NoticeOf<ModelServerNotice>;

export const modelServerNoticesOf =
  (events: Events, model: string): ModelServerNotices =>
  (notice, facts) =>
    events.emit({ type: 'model-server-noticed', model, notice, facts });

/** Reports what is noticed about the endpoint that takes traces. */
export type TracesNotices = NoticeOf<TracesNotice>;

export const tracesNoticesOf =
  (events: Events): TracesNotices =>
  (notice, facts) =>
    events.emit({ type: 'traces-noticed', notice, facts });
