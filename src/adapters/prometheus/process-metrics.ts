import { Counter, Gauge, type Registry } from 'prom-client';

/** Metrics that are there beside those of the catalog. */
export const OWN_METRICS: readonly string[] = [
  'process_cpu_seconds_total',
  'process_start_time_seconds',
  'process_resident_memory_bytes',
  'nodejs_heap_size_used_bytes',
  'nodejs_eventloop_active_seconds_total',
];

/** What every client of Prometheus tells of its process. Read when it is asked for. */
export const registerProcessMetrics = (registry: Registry): void => {
  const registers = [registry];
  const startedAt = Date.now() / 1_000 - process.uptime();
  const cpu: Counter = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Time that this process used of processors.',
    registers,
    collect: () => {
      const { user, system } = process.cpuUsage();
      cpu.reset();
      cpu.inc((user + system) / 1e6);
    },
  });
  new Gauge({ name: 'process_start_time_seconds', help: 'When this process started, in seconds since 1970.', registers }).set(startedAt);
  const resident: Gauge = new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Memory that this process has in use.',
    registers,
    collect: () => resident.set(process.memoryUsage.rss()),
  });
  const heap: Gauge = new Gauge({
    name: 'nodejs_heap_size_used_bytes',
    help: 'Memory that is in use on the heap.',
    registers,
    collect: () => heap.set(process.memoryUsage().heapUsed),
  });
  const busy: Counter = new Counter({
    name: 'nodejs_eventloop_active_seconds_total',
    help: 'Time in which the event loop was busy.',
    registers,
    collect: () => {
      busy.reset();
      busy.inc(performance.eventLoopUtilization().active / 1_000);
    },
  });
};
