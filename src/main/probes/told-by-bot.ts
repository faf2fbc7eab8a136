import { listProcessLocks } from '../../adapters/system/index.ts';
import { requestHealth } from '../../adapters/terminal/index.ts';
import type { Config } from '../../config/index.ts';
import { type CheckStatus, commandHint, type HealthCheck, type HealthStatus } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import { type Finding, type HealthProbe, reasonOf } from '../../ports/index.ts';
import { BOT_LOCK } from '../data-dir.ts';
import { readStarted } from '../started.ts';
import { ASKED_MS } from './asking.ts';

/** What the running bot tells of its health. */
export interface BotHealth {
  /** Whether a bot runs here and serves HTTP; false while it starts. */
  readonly isUp: boolean;
  /** What is to be said about the bot itself. */
  readonly bot?: Finding;
  readonly checks: readonly HealthCheck[];
}

export const NO_BOT: BotHealth = { isUp: false, checks: [] };

/** Asks the bot on this data, if one runs. Never rejects: what goes wrong is said about the bot. */
export const askBot = async ({ dataDir, http }: Config): Promise<BotHealth> => {
  const bot = (await listProcessLocks(dataDir)).find(({ role }) => role === BOT_LOCK);
  const url = bot && readStarted(dataDir, bot.pid)?.url;
  if (url === undefined) return NO_BOT;
  try {
    const { status, checks } = await requestHealth({ baseUrl: url, ...present({ token: http.apiToken }) });
    if (checks.length > 0) return { isUp: true, bot: { status: 'ok', message: `answers at ${url}` }, checks };
    const message = 'it tells no more without the token (KEPT_API_TOKEN)';
    return { isUp: true, bot: { status: CHECKED[status], message, where: url, fixHint: TOKEN_HINT }, checks };
  } catch (error) {
    const fixHint = `restart it, if it goes on: ${commandHint('stop')}, then ${commandHint('start')}`;
    return { isUp: true, bot: { status: 'warn', message: reasonOf(error), where: url, fixHint }, checks: [] };
  }
};

const TOKEN_HINT = 'set KEPT_API_TOKEN here as where the bot was started';

const CHECKED: Readonly<Record<HealthStatus, CheckStatus>> = { healthy: 'ok', degraded: 'warn', unhealthy: 'fail' };

/** Asks once, whoever wants to know. */
export const askBotOnce = (config: Config): (() => Promise<BotHealth>) => {
  let asked: Promise<BotHealth> | undefined;
  return () => {
    asked ??= askBot(config);
    return asked;
  };
};

/** Whether the running bot answers; nothing where none runs. */
export const botProbe = (told: () => Promise<BotHealth>): HealthProbe => ({
  id: 'process.bot',
  depth: 'local',
  limitMs: 2 * ASKED_MS,
  late: { status: 'warn', fixHint: 'see its log' },
  probe: async () => (await told()).bot,
});

/** What the running bot says under that id, else what `otherwise` finds. */
export const toldByBot = (told: () => Promise<BotHealth>, otherwise: HealthProbe): HealthProbe => ({
  ...otherwise,
  limitMs: Math.max(otherwise.limitMs, 2 * ASKED_MS),
  probe: async (signal) => {
    const found = (await told()).checks.find(({ id }) => id === otherwise.id);
    if (!found) return otherwise.probe(signal);
    const { id: _, ...finding } = found;
    return finding;
  },
});
