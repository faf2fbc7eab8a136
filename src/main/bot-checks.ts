import type { LockHolder } from '../adapters/system/index.ts';
import { requestHealth } from '../adapters/terminal/index.ts';
import type { Config } from '../config/index.ts';
import type { CheckStatus, HealthCheck, HealthStatus } from '../domain/index.ts';
import { present } from '../domain/shared/present.ts';
import { reasonOf } from '../ports/index.ts';
import { BOT_LOCK } from './data-dir.ts';
import { readStarted } from './started.ts';

/** What the running bot reports about its gateways, disk and log. Empty if no bot runs, or if it is still starting. */
export const botChecks = async (
  { dataDir, http }: Config,
  processes: readonly (LockHolder & { readonly role: string })[],
): Promise<readonly HealthCheck[]> => {
  const bot = processes.find(({ role }) => role === BOT_LOCK);
  const url = bot && readStarted(dataDir, bot.pid)?.url;
  if (url === undefined) return [];
  try {
    const { status, checks } = await requestHealth({ baseUrl: url, ...present({ token: http.apiToken }) });
    if (checks.length === 0) return [botCheck(CHECKED[status], 'it tells no more without the token (KEPT_API_TOKEN)')];
    return [botCheck('ok', `answers at ${url}`), ...checks];
  } catch (error) {
    return [botCheck('warn', reasonOf(error))];
  }
};

const botCheck = (status: CheckStatus, message: string): HealthCheck => ({ id: 'process.bot', status, message });

const CHECKED: Readonly<Record<HealthStatus, CheckStatus>> = { healthy: 'ok', degraded: 'warn', unhealthy: 'fail' };
