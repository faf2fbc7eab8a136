import { z } from 'zod';
import { AUDIT_KINDS, MEASURED_KINDS, USAGE_GROUPS } from '../../../domain/index.ts';
import { count, instant, next, number } from './common.ts';
import { named, reply, told } from './names.ts';

export const auditRow = named(
  'AuditRow',
  () =>
    z.object({
      seq: number,
      at: instant,
      kind: z.enum(AUDIT_KINDS),
      actor: z.string(),
      facts: z.record(z.string(), z.unknown()),
      hash: told(z.string(), 'SHA-256 of the row, its `previous` included'),
      previous: told(z.string(), 'The hash of the row before'),
    }),
  'A fact in its place in the audit log.',
);
export const auditRows = reply(() => z.object({ rows: z.array(auditRow()), next }));

const sums = () => ({
  inputTokens: count,
  outputTokens: count,
  cacheReadTokens: count,
  cacheWriteTokens: count,
  costUsd: z.number(),
  calls: count,
  unpricedCalls: told(count, 'Calls of models without a known price'),
});
const group = () => z.string().exactOptional();
export const usage = named(
  'Usage',
  () =>
    z.object({
      total: z.object({ ...sums(), reservedUsd: told(z.number(), 'What is reserved now, for work under way') }),
      rows: told(
        z.array(
          z.object({
            ...(Object.fromEntries(USAGE_GROUPS.map((by) => [by, group()])) as Record<
              (typeof USAGE_GROUPS)[number],
              ReturnType<typeof group>
            >),
            ...sums(),
          }),
        ),
        'One for each group, whose name stands under the name of the grouping',
      ),
    }),
  'What was used, and what it cost.',
);

const speed = () => ({
  avg_ms: z.number(),
  min_ms: z.number(),
  max_ms: z.number(),
  p50_ms: z.number(),
  p95_ms: z.number(),
  p99_ms: z.number(),
});
const share = () => z.number().min(0).max(1);
export const stats = named(
  'Stats',
  () =>
    z.object({
      rows: z.array(z.object({ kind: z.enum(MEASURED_KINDS), name: z.string(), count, success_rate: share(), ...speed() })),
    }),
  'How often things were done, how often they worked, and how long they took.',
);

const severity = () => z.enum(['info', 'warning', 'error', 'critical']);
const seconds = () => z.number().nonnegative();
export const alerts = named(
  'Alerts',
  () =>
    z.object({
      lookedAt: told(instant, 'When the leading bot has looked last; absent: never').exactOptional(),
      isStale: told(z.boolean(), 'Nobody looks now'),
      channels: z.array(z.string()),
      alerts: z.array(
        z.object({
          key: z.string(),
          rule: z.string(),
          state: z.enum(['pending', 'firing', 'resolved']),
          pendingSince: instant.exactOptional(),
          title: z.string().exactOptional(),
          detail: z.string().exactOptional(),
          severity: severity().exactOptional(),
          startedAt: instant.exactOptional(),
          resolvedAt: instant.exactOptional(),
          silencedUntil: instant.exactOptional(),
          deliveries: z.array(
            z.object({
              channel: z.string(),
              sent: z.enum(['firing', 'resolved']).exactOptional(),
              failures: count,
              lastError: z.string().exactOptional(),
            }),
          ),
        }),
      ),
      rules: z.array(
        z.object({
          id: z.string(),
          state: z.enum(['firing', 'pending', 'well', 'unknown', 'off']),
          found: z.array(z.string()),
          threshold: z.number(),
          windowSeconds: seconds().exactOptional(),
          forSeconds: seconds(),
          cooldownSeconds: seconds(),
          severity: z.union([severity(), z.literal('off')]),
        }),
      ),
      silences: z.array(z.object({ target: z.string(), until: instant, reason: z.string().exactOptional() })),
    }),
  'What fires, what the rules have found, and what is silenced.',
);

const performance = () =>
  z.union([z.object({ ...speed(), count }), z.object({ success_rate: share(), total_requests: count, successful_requests: count })]);
export const systemReport = named(
  'SystemReport',
  () =>
    z.object({
      timestamp: instant,
      system_status: z.enum(['healthy', 'degraded', 'unhealthy']),
      agents: z.array(
        z.object({
          agent_name: z.string(),
          status: z.enum(['healthy', 'degraded', 'unhealthy', 'skipped']),
          response_time_ms: z.number().nullable(),
          last_check: instant.nullable(),
          test_response: z.string().exactOptional(),
          error: z.string().exactOptional(),
        }),
      ),
      external_services: z.record(
        z.string(),
        z.object({
          status: z.enum(['available', 'degraded', 'unavailable', 'skipped']),
          latency_ms: z.number().exactOptional(),
          error: z.string().exactOptional(),
        }),
      ),
      performance_metrics: z.record(z.string(), performance()),
    }),
  'The whole system by agent and service.',
);
