import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { MetricsText, Redact } from '../../ports/index.ts';
import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelValues,
  METRIC_NAMES,
  type MetricName,
  type Sample,
  specOf,
} from './catalog.ts';
import { makeLabelNames } from './label-names.ts';
import { registerProcessMetrics } from './process-metrics.ts';

type Labels = Readonly<Record<string, string>>;

/** The metrics of the catalog, in bounded room: whatever names labels are given. */
export interface MetricsRegistry {
  /** Counts or observes it, if the value is a number that is not below 0. */
  add(sample: Sample<CounterName | HistogramName>): void;
  /**
   * Takes the place of everything that these gauges say. Where they have names too many, `(other)` shows the worst of
   * the rest: the least of what is `up`, else the greatest.
   */
  replace(names: readonly GaugeName[], samples: readonly Sample<GaugeName>[]): void;
  read(): Promise<MetricsText>;
}

interface Instrument {
  add(labels: Labels, value: number): void;
}

interface GaugeInstrument {
  /** Forgets all series, and their names. */
  clear(): void;
  /** Of several values of one series, the worst is shown. */
  set(labels: Labels, value: number): void;
}

/** A name that is new begins with all its series at 0, where these are no more than that. */
const MAX_ZEROS = 5;

export const makeRegistry = ({ redact }: { readonly redact: Redact }): MetricsRegistry => {
  const registry = new Registry();
  const gauges = new Map<MetricName, GaugeInstrument>();
  const instruments = new Map<MetricName, Instrument>();
  for (const name of METRIC_NAMES) {
    if (specOf(name).type === 'gauge') gauges.set(name, makeGauge(registry, name, redact));
    else instruments.set(name, makeInstrument(registry, name, redact));
  }
  registerProcessMetrics(registry);
  return {
    add: ({ name, labels, value }) => {
      // prom-client throws, and a server of a model may say that it used -1 tokens.
      if (value >= 0) instruments.get(name)?.add(labels, value);
    },
    replace: (names, samples) => {
      for (const name of names) gauges.get(name)?.clear();
      for (const { name, labels, value } of samples) gauges.get(name)?.set(labels, value);
    },
    read: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
};

const settingsOf = (registry: Registry, name: MetricName) => {
  const { help, labels } = specOf(name);
  return { name, help, labelNames: Object.keys(labels), registers: [registry] };
};

/** A counter, or a histogram. */
const makeInstrument = (registry: Registry, name: MetricName, redact: Redact): Instrument => {
  const { type, labels, buckets } = specOf(name);
  const settings = settingsOf(registry, name);
  const bounded = boundedLabels(labels, redact);
  if (type === 'counter') {
    const counter = new Counter(settings);
    const begin = beginAtZero(labels, (series) => counter.inc(series, 0));
    const seriesOf = memoised(labels, (given) => counter.labels(begin(bounded(given))));
    return { add: (given, value) => seriesOf(given).inc(value) };
  }
  const histogram = new Histogram({ ...settings, buckets: [...(buckets ?? [])] });
  const begin = beginAtZero(labels, (series) => histogram.zero(series));
  const seriesOf = memoised(labels, (given) => histogram.labels(begin(bounded(given))));
  return { add: (given, value) => seriesOf(given).observe(value) };
};

const makeGauge = (registry: Registry, name: MetricName, redact: Redact): GaugeInstrument => {
  const { labels } = specOf(name);
  const gauge = new Gauge(settingsOf(registry, name));
  const worst = name.endsWith('_up') ? Math.min : Math.max;
  let bounded = boundedLabels(labels, redact);
  let worstOf = new Map<string, number>();
  const clear = (): void => {
    gauge.reset();
    // What nobody has set yet is absent, not 0.
    gauge.remove({});
    bounded = boundedLabels(labels, redact);
    worstOf = new Map();
  };
  clear();
  return {
    clear,
    set: (given, value) => {
      const shown = bounded(given);
      const series = JSON.stringify(shown);
      const shownValue = worst(value, worstOf.get(series) ?? value);
      worstOf.set(series, shownValue);
      gauge.set(shown, shownValue);
    },
  };
};

type Spec = Readonly<Record<string, LabelValues>>;

/** So many values of labels are remembered for a metric, each if it is no longer than that. */
const MAX_KNOWN = 1_000;
const MAX_KNOWN_LENGTH = 100;

/** By the value of the next label. */
interface Known<Series> {
  readonly next: Map<string, Known<Series>>;
  series?: Series;
}

/** What `find` found for the same labels before: events come with the same ones again and again. */
const memoised = <Series>(spec: Spec, find: (given: Labels) => Series): ((given: Labels) => Series) => {
  const names = Object.keys(spec);
  const all: Known<Series> = { next: new Map() };
  let size = 0;
  return (given) => {
    let known = all;
    for (const name of names) {
      const value = given[name] ?? '';
      let next = known.next.get(value);
      if (!next) {
        if (size >= MAX_KNOWN || value.length > MAX_KNOWN_LENGTH) return find(given);
        size++;
        next = { next: new Map() };
        known.next.set(value, next);
      }
      known = next;
    }
    known.series ??= find(given);
    return known.series;
  };
};

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
