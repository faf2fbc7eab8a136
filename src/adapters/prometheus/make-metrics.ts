import type { KeptEvent } from '../../domain/index.ts';
import { makeBacklog } from '../../domain/shared/backlog.ts';
import type { Clock, Metrics, Redact } from '../../ports/index.ts';
import { samplesOf } from './event-samples.ts';
import { type GaugeSource, makeReadGauges } from './gauges.ts';
import { makeRegistry } from './registry.ts';

export interface MetricsOptions {
  /** What gauges are read from, beside events. */
  readonly sources: readonly GaugeSource[];
  readonly clock: Clock;
  readonly redact: Redact;
}

export interface OpenMetrics extends Metrics {
  /** Counts what an event tells. */
  readonly listen: (event: KeptEvent) => void;
}

/** The metrics of this process: counted by its events, and read when somebody asks. */
export const makeMetrics = ({ sources, clock, redact }: MetricsOptions): OpenMetrics => {
  const registry = makeRegistry({ redact });
  const readGauges = makeReadGauges(sources, registry, clock);
  const heard = makeBacklog<KeptEvent>((event) => {
    for (const sample of samplesOf(event)) registry.add(sample);
  });
  return {
    listen: heard.add,
    read: async () => {
      heard.handOn();
      await readGauges();
      return registry.read();
    },
  };
};
