import { MAX_LABEL_NAMES, METRIC_NAMES, type MetricName, specOf } from '../src/adapters/prometheus/catalog.ts';
import { cell, writeWhenRun } from './reference.ts';

const labelsOf = (name: MetricName): string =>
  Object.entries(specOf(name).labels)
    .map(([label, values]) => `\`${label}\`${values === 'names' ? '' : `: ${values.map((value) => `\`${value}\``).join(', ')}`}`)
    .join('; ');

const row = (name: MetricName): string => {
  const { type, aggregate, help } = specOf(name);
  return `| ${[`\`${name}\``, type, aggregate, labelsOf(name), cell(help)].join(' | ')} |`;
};

const bucketRows = (): readonly string[] => {
  const groups = Map.groupBy(
    METRIC_NAMES.filter((name) => specOf(name).buckets),
    (name) => specOf(name).buckets?.join(', ') ?? '',
  );
  return Array.from(groups, ([bounds, names]) => `| ${names.map((name) => `\`${name}\``).join(', ')} | ${bounds} |`);
};

/** The reference of metrics, out of the catalog. */
export const metricsReference = (): string => `# Metrics

<!-- Written by \`node scripts/metrics-reference.ts\` from src/adapters/prometheus/catalog.ts; a test compares both. -->

\`GET /metrics\` tells the metrics of a process, as text that Prometheus reads (\`text/plain; version=0.0.4\`).
[How to monitor Kept](../how-to/monitor.md) tells how they are read, and has a dashboard and rules.

| metric | type | over processes | labels | what it says |
| --- | --- | --- | --- | --- |
${METRIC_NAMES.map(row).join('\n')}

- **over processes** says how to combine the values of several processes. \`sum\`: each tells of what it did;
  counters begin at 0 at each start, as Prometheus expects. \`max\`: each tells what the whole storage holds, or the best
  one counts: \`max by (…)\`. \`min\`: the worst one counts. \`none\`: each stands for itself, as two of them may be on one disk.
- Labels whose values are not listed hold names: of models as they are asked, of tools, of agents and so on. Each label
  shows its first ${MAX_LABEL_NAMES} names; all others count as \`(other)\`, and of gauges \`(other)\` shows the worst: the least of what
  is \`_up\`, else the greatest. A tool that a model made up is \`(unknown)\`. No label holds what somebody wrote, or a chat or
  person by what they do; \`budget\` and \`check\` are places in the configuration, which may name them.
- Gauges are read when somebody asks: what is stored at most once in ten seconds, and within two. What can't be read is
  absent, and \`kept_metrics_source_up\` says so; \`/metrics\` answers all the same.
- \`process_cpu_seconds_total\`, \`process_resident_memory_bytes\`, \`process_start_time_seconds\`,
  \`nodejs_heap_size_used_bytes\` and \`nodejs_eventloop_active_seconds_total\` are there as well.

## Buckets

Upper bounds of histograms, in seconds:

| metric | bounds |
| --- | --- |
${bucketRows().join('\n')}
`;

writeWhenRun(import.meta.url, 'docs/reference/metrics.md', metricsReference);
