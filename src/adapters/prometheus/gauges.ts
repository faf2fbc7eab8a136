import type { Clock } from '../../ports/index.ts';
import type { GaugeName, Sample } from './catalog.ts';
import type { MetricsRegistry } from './registry.ts';

/** Where gauges are read from when somebody asks for them. */
export interface GaugeSource {
  /** In `kept_metrics_source_up`. */
  readonly name: string;
  /** The gauges that it fills, and nobody else. */
  readonly gauges: readonly GaugeName[];
  /** May reject, or never settle: then its gauges are absent. */
  read(): Promise<readonly Sample<GaugeName>[]>;
}

/** However often somebody asks, a source is read once in this time. */
const CACHE_MS = 10_000;
/** How long a source may take. All are read at once. */
const LIMIT_MS = 2_000;
/** A source that has not answered for that long is asked again. */
const GIVEN_UP_MS = 60_000;

/** Brings all gauges up to date, within a limit. Never rejects. */
export const makeReadGauges = (sources: readonly GaugeSource[], registry: MetricsRegistry, clock: Clock): (() => Promise<void>) => {
  const sourceStates = new Map<string, 0 | 1>();
  const readers = sources.map((source) =>
    makeReader(source, clock, (samples, up) => {
      registry.replace(source.gauges, samples);
      sourceStates.set(source.name, up);
    }),
  );
  return async () => {
    await Promise.all(readers.map((read) => read()));
    registry.replace(
      ['kept_metrics_source_up'],
      Array.from(sourceStates, ([source, value]) => ({ name: 'kept_metrics_source_up', labels: { source }, value })),
    );
  };
};

/** Takes what a source gave: nothing where it is not up. */
type StoreSamples = (samples: readonly Sample<GaugeName>[], up: 0 | 1) => void;

const makeReader = (source: GaugeSource, clock: Clock, fill: StoreSamples): (() => Promise<void>) => {
  const elapsed = clock.elapsed ?? clock.now;
  let reading: { readonly since: number; readonly isOver: Promise<void> } | undefined;
  let readAt: number | undefined;

  const start = (since: number): Promise<void> => {
    const isCurrent = (): boolean => reading?.since === since;
    const isOver = source.read().then(
      (samples) => {
        if (!isCurrent()) return;
        fill(samples, 1);
        readAt = elapsed();
        reading = undefined;
      },
      () => {
        if (!isCurrent()) return;
        fill([], 0);
        readAt = undefined;
        reading = undefined;
      },
    );
    reading = { since, isOver };
    return isOver;
  };

  return async () => {
    const now = elapsed();
    if (!reading && readAt !== undefined && now - readAt < CACHE_MS) return;
    const isOver = reading && now - reading.since < GIVEN_UP_MS ? reading.isOver : start(now);
    const late = Promise.withResolvers<void>();
    const cancel = clock.after(LIMIT_MS, () => {
      // What was read before is old by now.
      fill([], 0);
      readAt = undefined;
      late.resolve();
    });
    await Promise.race([isOver, late.promise]);
    cancel();
  };
};
