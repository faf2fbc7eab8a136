import { systemClock, systemCorrelation } from '../adapters/system/index.ts';
import type { EventHub } from '../application/index.ts';
import type { Config } from '../config/index.ts';
import { tracesNoticesOf } from '../ports/index.ts';
import type { Role } from './data-dir.ts';
import type { Lifecycle } from './lifecycle.ts';
import { VERSION } from './version.ts';

/** Sends traces of this process, where the configuration says where to. Nothing of it is loaded otherwise. */
export const startTraces = async (
  role: Role,
  { traces }: Pick<Config, 'traces'>,
  { events, lifecycle }: { readonly events: EventHub; readonly lifecycle: Lifecycle },
): Promise<void> => {
  if (!traces) return;
  const { openTraces } = await import('../adapters/opentelemetry/index.ts');
  const opened = openTraces({
    endpoint: traces.endpoint,
    headers: traces.headers,
    serviceName: traces.serviceName,
    version: VERSION,
    resource: { 'kept.role': role, ...traces.resource },
    correlation: systemCorrelation,
    on: events.on,
    clock: systemClock,
    notice: tracesNoticesOf(events),
  });
  lifecycle.onStop('traces', opened.stop);
};
