import { type CheckStatus, type HealthStatus, summarise } from '../../domain/health/health.ts';
import { beginningOf } from '../../domain/shared/excerpt.ts';
import type { StatsRow } from '../../domain/stats/stats-row.ts';
import type { AgentReport, ServiceReport, ServiceStatus, SystemReport } from '../../ports/use-cases/health.ts';
import { AGENT_PROBE } from './agent-probes.ts';
import type { ProbeReading } from './run-probes.ts';

/** How much of an answer is shown. */
const SHOWN_LENGTH = 100;

/**
 * The report of the whole system: what the probes found, told by agent and by service. An agent that was not asked now
 * is told as it was when it was last asked.
 */
export const makeSystemReport = (given: {
  readonly readings: readonly ProbeReading[];
  /** What the deep probes found when they were last asked. */
  readonly lastDeep: readonly ProbeReading[];
  readonly at: number;
  readonly performance: readonly StatsRow[];
}): SystemReport => {
  const { readings, lastDeep, at, performance } = given;
  const isAgent = ({ check }: ProbeReading): boolean => check.id.startsWith(AGENT_PROBE);
  const last = new Map(lastDeep.map((reading) => [reading.check.id, reading]));
  const agents = readings
    .filter(isAgent)
    .map((reading) => (reading.check.status === 'skipped' ? (last.get(reading.check.id) ?? reading) : reading));
  return {
    at,
    status: summarise(readings.map(({ check }) => check)).status,
    agents: agents.map(agentReport),
    services: servicesIn(readings),
    performance,
  };
};

const STATUS: Readonly<Record<CheckStatus, HealthStatus | 'skipped'>> = {
  ok: 'healthy',
  warn: 'degraded',
  fail: 'unhealthy',
  skipped: 'skipped',
};

const agentReport = ({ check: { id, status, message }, at, durationMs, reply }: ProbeReading): AgentReport => ({
  name: id.slice(AGENT_PROBE.length),
  status: STATUS[status],
  ...(status === 'skipped' ? { error: message } : { checkedAt: at, responseMs: durationMs }),
  ...(status === 'ok' ? { reply: beginning(reply ?? message) } : {}),
  ...(status === 'warn' || status === 'fail' ? { error: message } : {}),
});

/** As the first hundred letters, and dots where there are more. */
const beginning = (text: string): string => (text.length <= SHOWN_LENGTH ? text : `${beginningOf(text, SHOWN_LENGTH)}...`);

/** The service that a probe looks at, and the one that it is a part of: Notion, for the database of a workspace. */
const servicesOf = (id: string): readonly string[] => {
  const name = externalServiceOf(id);
  if (name === undefined) return [];
  return id.startsWith('service.notion.') ? ['notion', name] : [name];
};

/** The name of who is asked, by the id of the probe. */
const externalServiceOf = (id: string): string | undefined => {
  if (id === 'storage.database') return 'storage';
  if (id === 'queue.promises') return 'queue';
  if (id === 'coding.agent') return 'coding_agent';
  if (id.startsWith('gateway.telegram')) return 'telegram';
  if (id.startsWith('mcp.')) return id;
  const [, name] = /^(?:model|service)\.(.+)$/.exec(id) ?? [];
  return name === 'rests' ? undefined : name;
};

const RANK: readonly CheckStatus[] = ['skipped', 'ok', 'warn', 'fail'];
const SERVICE_STATUS: Readonly<Record<CheckStatus, ServiceStatus>> = {
  ok: 'available',
  warn: 'degraded',
  fail: 'unavailable',
  skipped: 'skipped',
};

/** Several probes may look at one service: the worst of them is told, or the slowest where all is well. */
const servicesIn = (readings: readonly ProbeReading[]): ReadonlyMap<string, ServiceReport> => {
  const services = new Map<string, ProbeReading>();
  for (const reading of readings) {
    for (const name of servicesOf(reading.check.id)) {
      const before = services.get(name);
      if (!before || isWorse(reading, before)) services.set(name, reading);
    }
  }
  return new Map([...services].map(([name, reading]) => [name, serviceReport(reading)]));
};

const isWorse = (one: ProbeReading, other: ProbeReading): boolean => {
  const [rank, otherRank] = [RANK.indexOf(one.check.status), RANK.indexOf(other.check.status)];
  return rank === otherRank ? one.durationMs > other.durationMs : rank > otherRank;
};

const serviceReport = ({ check: { status, message }, durationMs }: ProbeReading): ServiceReport => ({
  status: SERVICE_STATUS[status],
  ...(status === 'ok' ? { latencyMs: durationMs } : { error: message }),
});
