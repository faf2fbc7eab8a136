import { whereOpened } from '../../application/health/where-opened.ts';
import type { Config } from '../../config/index.ts';
import { commandHint, durationWords, isBadBy, plural } from '../../domain/index.ts';
import type { Clock, HealthProbe, Storage } from '../../ports/index.ts';
import { asking, notConfigured } from './asking.ts';

const DAY_MS = 24 * 60 * 60_000;

/** Whether the receiver of webhooks takes what is posted, as the store tells: nothing is posted to find out. */
export const webhookProbe = (
  { webhook, alertRules }: Pick<Config, 'webhook' | 'alertRules'>,
  storage: () => Promise<Pick<Storage, 'stores'>>,
  clock: Clock,
): HealthProbe => {
  const id = 'service.webhook';
  if (!webhook) return notConfigured(id, 'KEPT_WEBHOOK_URL is not set', 'set it to have what happens posted to a receiver of yours');
  const fixHint = `look at ${commandHint('webhooks list')}, and try ${commandHint('webhooks test')}`;
  return asking({
    id,
    depth: 'local',
    broken: 'warn',
    where: 'KEPT_WEBHOOK_URL',
    help: () => fixHint,
    ask: () =>
      whereOpened(clock, storage, async ({ stores }) => {
        const { counts, oldestSince, lastFailure } = await stores.webhooks.stats();
        const now = clock.now();
        const waitedMs = oldestSince === undefined ? 0 : Math.max(0, now - oldestSince);
        const isGivenUp = lastFailure?.status === 'failed' && now - lastFailure.endedAt < DAY_MS;
        const isLate = isBadBy('queue.webhooks', alertRules['queue.webhooks'], waitedMs / 1_000);
        const waiting = `${plural(counts.pending, 'event')} waiting${waitedMs < 1_000 ? '' : `, the oldest for ${durationWords(waitedMs)}`}`;
        const message = `${waiting}; ${counts.delivered} delivered and ${counts.failed} given up within a week`;
        if (!isLate && !isGivenUp) return { status: 'ok', message };
        const why = lastFailure && lastFailure.status !== 'delivered' ? lastFailure.lastError : undefined;
        return { status: 'warn', message: why === undefined ? message : `${message}: ${why}`, where: 'KEPT_WEBHOOK_URL', fixHint };
      }),
  });
};
