import {
  type AlertRules,
  alertState,
  GIVEN_UP_MS,
  listedAt,
  MAX_LISTED_PROCESSES,
  MAX_UNDELIVERED,
  PROMISE_STATUSES,
  restartsSince,
  WEBHOOK_STATUSES,
  windowOf,
} from '../../domain/index.ts';
import type { Clock, Storage } from '../../ports/index.ts';
import type { Sample } from './catalog.ts';
import type { GaugeSource } from './gauges.ts';

const ROLES = ['start', 'bot', 'standby', 'worker'];

/** Gauges of what is stored. */
export const storedGauges = ({
  storage,
  clock,
  gateways,
  rules,
}: {
  readonly storage: Pick<Storage, 'stores' | 'queue'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Gateways whose outbox is told even where it is empty. */
  readonly gateways: readonly string[];
  /** Gauges look back as far as the rules of alerts do. */
  readonly rules: Pick<AlertRules, 'queue.undelivered' | 'process.restarts'>;
}): readonly GaugeSource[] => {
  const { promises, outbox, alerts, processes, webhooks } = storage.stores;
  const lateMs = windowOf('queue.undelivered', rules['queue.undelivered']);
  const restartsMs = windowOf('process.restarts', rules['process.restarts']);
  return [
    {
      name: 'promises',
      gauges: ['kept_promises', 'kept_promise_oldest_due_seconds', 'kept_promises_undelivered'],
      read: async () => {
        const now = clock.now();
        const [counts, dueAt, undelivered] = await Promise.all([
          promises.stats(),
          storage.queue.nextDueAt(),
          promises.countUndelivered({ storedBefore: now - lateMs, failedAfter: now - GIVEN_UP_MS, limit: MAX_UNDELIVERED }),
        ]);
        const waited = dueAt === undefined ? 0 : Math.max(0, now - dueAt) / 1_000;
        return [
          ...PROMISE_STATUSES.map(
            (status): Sample<'kept_promises'> => ({ name: 'kept_promises', labels: { status }, value: counts[status] }),
          ),
          { name: 'kept_promise_oldest_due_seconds', labels: {}, value: waited },
          { name: 'kept_promises_undelivered', labels: {}, value: undelivered },
        ];
      },
    },
    {
      name: 'outbox',
      gauges: ['kept_outbox_pending'],
      read: async () => {
        const pending = new Map([...gateways.map((gateway) => [gateway, 0] as const), ...(await outbox.pendingByGateway())]);
        return Array.from(pending, ([gateway, value]) => ({ name: 'kept_outbox_pending', labels: { gateway }, value }));
      },
    },
    {
      name: 'webhooks',
      gauges: ['kept_webhook_events', 'kept_webhook_oldest_seconds'],
      read: async () => {
        const { counts, oldestSince } = await webhooks.stats();
        const waited = oldestSince === undefined ? 0 : Math.max(0, clock.now() - oldestSince) / 1_000;
        return [
          ...WEBHOOK_STATUSES.map(
            (status): Sample<'kept_webhook_events'> => ({ name: 'kept_webhook_events', labels: { status }, value: counts[status] }),
          ),
          { name: 'kept_webhook_oldest_seconds', labels: {}, value: waited },
        ];
      },
    },
    {
      name: 'processes',
      gauges: ['kept_processes', 'kept_process_restarts'],
      read: async () => {
        const now = clock.now();
        const listed = listedAt(await processes.list({ limit: MAX_LISTED_PROCESSES }), now);
        const alive = new Map(ROLES.map((role) => [role, 0]));
        for (const { role, vitality } of listed) if (vitality === 'alive') alive.set(role, (alive.get(role) ?? 0) + 1);
        const restarts = restartsSince(listed, now - restartsMs);
        return [
          ...Array.from(alive, ([role, value]): Sample<'kept_processes'> => ({ name: 'kept_processes', labels: { role }, value })),
          ...restarts.map(
            ({ role, host, count: value }): Sample<'kept_process_restarts'> => ({
              name: 'kept_process_restarts',
              labels: { role, host },
              value,
            }),
          ),
        ];
      },
    },
    {
      name: 'alerts',
      gauges: ['kept_alerts_firing'],
      read: async () => {
        const firing = (await alerts.records()).filter((record) => alertState(record) === 'firing');
        const byRule = Map.groupBy(firing, ({ rule }) => rule);
        return Array.from(byRule, ([rule, records]) => ({ name: 'kept_alerts_firing', labels: { rule }, value: records.length }));
      },
    },
  ];
};
