export type { GaugeName, Sample } from './catalog.ts';
export type { GaugeSource } from './gauges.ts';
export { type MetricsOptions, makeMetrics, type OpenMetrics } from './make-metrics.ts';
export { storedGauges } from './stored-gauges.ts';
