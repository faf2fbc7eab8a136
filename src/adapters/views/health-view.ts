import { MEASURED_KINDS, type StatsRow, successRateOf } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { AgentReport, ServiceReport, SystemReport } from '../../ports/index.ts';
import { iso } from './iso.ts';

const agentView = ({ name, status, responseMs, checkedAt, reply, error }: AgentReport) => ({
  agent_name: name,
  status,
  response_time_ms: responseMs ?? null,
  last_check: checkedAt === undefined ? null : iso(checkedAt),
  ...present({ test_response: reply, error }),
});

const serviceView = ({ status, latencyMs, error }: ServiceReport) => ({ status, ...present({ latency_ms: latencyMs, error }) });

/** Agents are known by their names alone, unless one could be taken for something else: an agent called `tool_x`. */
const metricName = ({ kind, name }: Pick<StatsRow, 'kind' | 'name'>): string =>
  kind === 'agent' && !MEASURED_KINDS.some((each) => name.startsWith(`${each}_`)) ? name : `${kind}_${name}`;

/** How long something took, and how often it worked. */
const metricsView = (row: StatsRow) => {
  const name = metricName(row);
  const { count, failures, avgMs, minMs, maxMs, p50Ms, p95Ms, p99Ms } = row;
  return [
    [`${name}_execution_time`, { avg_ms: avgMs, min_ms: minMs, max_ms: maxMs, p50_ms: p50Ms, p95_ms: p95Ms, p99_ms: p99Ms, count }],
    [`${name}_success_rate`, { success_rate: successRateOf(row), total_requests: count, successful_requests: count - failures }],
  ] as const;
};

/** The report of the whole system as JSON. */
export const systemReportView = ({ at, status, agents, services, performance }: SystemReport) => ({
  timestamp: iso(at),
  system_status: status,
  agents: agents.map(agentView),
  external_services: Object.fromEntries([...services].map(([name, service]) => [name, serviceView(service)])),
  performance_metrics: Object.fromEntries(performance.flatMap(metricsView)),
});
