import { systemClock, systemCorrelation } from '../adapters/system/index.ts';
import type { Config } from '../config/index.ts';
import { tracesNoticesOf } from '../ports/index.ts';
import type { Role } from './data-dir.ts';
import { type AppContext, TOKENS } from './tokens.ts';
import { VERSION } from './version.ts';

/** Sends traces of this process, where the configuration says where to. Nothing of it is loaded otherwise. */
export const startTraces = async (role: Role, { traces }: Pick<Config, 'traces'>, { get, lifecycle }: AppContext): Promise<void> => {
  if (!traces) return;
  const [{ openTraces }, events, content, redact] = await Promise.all([
    import('../adapters/opentelemetry/index.ts'),
    get(TOKENS.events),
    get(TOKENS.content),
    get(TOKENS.redact),
  ]);
  const opened = openTraces({
    endpoint: traces.endpoint,
    headers: traces.headers,
    serviceName: traces.serviceName,
    version: VERSION,
    role,
    resource: traces.resource,
    sampled: traces.sampled,
    correlation: systemCorrelation,
    on: events.on,
    ...(traces.hasContent ? { content: { on: content.on, redact } } : {}),
    clock: systemClock,
    notice: tracesNoticesOf(events),
  });
  lifecycle.onStop('traces', opened.stop);
};
