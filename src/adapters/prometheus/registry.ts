import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { MetricsText, Redact } from '../../ports/index.ts';
import { type GaugeName, type LabelValues, METRIC_NAMES, type MetricName, type Sample, specOf } from './catalog.ts';
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

/** A name that is new begins with all its series at 0, where these are no more than that. */
const MAX_ZEROS = 5;

export const makeRegistry = ({ redact }: { readonly redact: Redact }): MetricsRegistry => {
  const registry = new Registry();
  const instruments = new Map(METRIC_NAMES.map((name) => [name, makeInstrument(registry, name, redact)]));
  registerProcessMetrics(registry);
  const add = ({ name, labels, value }: Sample): void => instruments.get(name)?.add(labels, value);
  return {
    add,
    replace: (names, samples) => {
      for (const name of names) instruments.get(name)?.reset();
      for (const sample of samples) add(sample);
    },
    read: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
};

const makeInstrument = (registry: Registry, name: MetricName, redact: Redact): Instrument => {
  const { type, help, labels, buckets } = specOf(name);
  const settings = { name, help, labelNames: Object.keys(labels), registers: [registry] };
  const bounded = boundedLabels(labels, redact);
  switch (type) {
    case 'counter': {
      const counter = new Counter(settings);
      const begin = beginAtZero(labels, (series) => counter.inc(series, 0));
      return { add: (given, value) => counter.inc(begin(bounded(given)), value), reset: () => counter.reset() };
    }
    case 'gauge': {
      const gauge = new Gauge(settings);
      const reset = (): void => {
        gauge.reset();
        // What nobody has said yet is absent, not 0.
        gauge.remove({});
      };
      reset();
      return { add: (given, value) => gauge.set(bounded(given), value), reset };
    }
    case 'histogram': {
      const histogram = new Histogram({ ...settings, buckets: [...(buckets ?? [])] });
      const begin = beginAtZero(labels, (series) => histogram.zero(series));
      return { add: (given, value) => histogram.observe(begin(bounded(given)), value), reset: () => histogram.reset() };
    }
  }
};

type Spec = Readonly<Record<string, LabelValues>>;

/** Labels as they are shown: those that take names have no more of them than there is room for. */
const boundedLabels = (spec: Spec, redact: Redact): ((labels: Labels) => Labels) => {
  const open = Object.keys(spec).filter((label) => spec[label] === 'names');
  if (open.length === 0) return (labels) => labels;
  const shown = makeLabelNames(redact);
  return (labels) => {
    const known: Record<string, string> = { ...labels };
    for (const label of open) known[label] = shown(label, known[label] ?? '');
    return known;
  };
};

/**
 * Prometheus sees an increase only of what was there before. So series begin at 0: at once where all labels are known
 * beforehand, else when their name is seen first. Returns the labels that it was given.
 */
const beginAtZero = (spec: Spec, zero: (series: Labels) => void): ((labels: Labels) => Labels) => {
  const open = Object.keys(spec).filter((label) => spec[label] === 'names');
  const closed = Object.entries(spec).reduce<Labels[]>(
    (found, [label, values]) =>
      values === 'names' ? found : found.flatMap((series) => values.map((value) => ({ ...series, [label]: value }))),
    [{}],
  );
  if (open.length === 0) for (const series of closed) zero(series);
  if (open.length === 0 || closed.length > MAX_ZEROS) return (labels) => labels;
  const begun = new Set<string>();
  return (labels) => {
    const names = open.map((label) => [label, labels[label] ?? ''] as const);
    const key = JSON.stringify(names);
    if (!begun.has(key)) {
      begun.add(key);
      for (const series of closed) zero({ ...Object.fromEntries(names), ...series });
    }
    return labels;
  };
};
