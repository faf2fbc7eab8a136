import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { MetricsText, Redact } from '../../ports/index.ts';
import { type GaugeName, METRIC_NAMES, type MetricName, type Sample, specOf } from './catalog.ts';
import { makeLabelNames } from './label-names.ts';
import { registerProcessMetrics } from './process-metrics.ts';

type Labels = Readonly<Record<string, string>>;

/** The metrics of the catalog, in bounded room: whatever names labels are given. */
export interface MetricsRegistry {
  /** Counts, observes or sets it. */
  add(sample: Sample): void;
  /** Takes the place of everything that these gauges say. */
  replace(names: readonly GaugeName[], samples: readonly Sample<GaugeName>[]): void;
  read(): Promise<MetricsText>;
}

interface Instrument {
  add(labels: Labels, value: number): void;
  reset(): void;
}

export const makeRegistry = ({ redact }: { readonly redact: Redact }): MetricsRegistry => {
  const registry = new Registry();
  const instruments = new Map<MetricName, Instrument>(METRIC_NAMES.map((name) => [name, makeInstrument(registry, name)]));
  registerProcessMetrics(registry);
  const namesOf = new Map(METRIC_NAMES.map((name) => [name, makeLabelNames(redact)]));

  const add = ({ name, labels, value }: Sample): void => instruments.get(name)?.add(bounded(name, labels), value);
  const bounded = (name: MetricName, labels: Labels): Labels =>
    Object.fromEntries(
      Object.entries(labels).map(([label, value]) => {
        const isOpen = specOf(name).labels[label] === 'names';
        return [label, isOpen ? (namesOf.get(name)?.(label, value) ?? value) : value];
      }),
    );

  return {
    add,
    replace: (names, samples) => {
      for (const name of names) instruments.get(name)?.reset();
      for (const sample of samples) add(sample);
    },
    read: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
};

const makeInstrument = (registry: Registry, name: MetricName): Instrument => {
  const { type, help, labels, buckets } = specOf(name);
  const settings = { name, help, labelNames: Object.keys(labels), registers: [registry] };
  switch (type) {
    case 'counter': {
      const counter = new Counter(settings);
      for (const series of closedSeries(labels)) counter.inc(series, 0);
      return { add: (series, value) => counter.inc(series, value), reset: () => counter.reset() };
    }
    case 'gauge': {
      const gauge = new Gauge(settings);
      // What nobody has said yet is absent, not 0.
      gauge.remove({});
      return {
        add: (series, value) => gauge.set(series, value),
        reset: () => {
          gauge.reset();
          gauge.remove({});
        },
      };
    }
    case 'histogram': {
      const histogram = new Histogram({ ...settings, buckets: [...(buckets ?? [])] });
      for (const series of closedSeries(labels)) histogram.zero(series);
      return { add: (series, value) => histogram.observe(series, value), reset: () => histogram.reset() };
    }
  }
};

/** Every series, where all labels are known beforehand: each begins at 0, so that its first increase shows. */
const closedSeries = (labels: Readonly<Record<string, 'names' | readonly string[]>>): Labels[] =>
  Object.entries(labels).reduce<Labels[]>(
    (found, [label, values]) =>
      values === 'names' ? [] : found.flatMap((series) => values.map((value) => ({ ...series, [label]: value }))),
    [{}],
  );
