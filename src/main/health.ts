import { makeRunProbes, type ProbeReading } from '../application/index.ts';
import type { Config } from '../config/index.ts';
import { type HealthCheck, type HealthReport, summarise } from '../domain/index.ts';
import type { HealthProbe, Logger, ProbeDepth } from '../ports/index.ts';
import { makeAppContext } from './container.ts';
import { makeProbes } from './modules/health.ts';
import { reachTelegramProbe } from './probes/telegram-reach.ts';
import { askBotOnce, botProbe, toldByBot } from './probes/told-by-bot.ts';
import { TOKENS } from './tokens.ts';

/**
 * The composition of `kept health`: asks every probe, beside the running processes, and the running bot for what only
 * it knows. Creates nothing.
 */
export const checkHealth = async (config: Config, logger: Logger, depth: ProbeDepth = 'cheap'): Promise<HealthReport> => {
  const { get, lifecycle } = makeAppContext(config, logger, { asItIs: true });
  const told = askBotOnce(config);
  try {
    const [clock, redact, models] = await Promise.all([get(TOKENS.clock), get(TOKENS.redact), get(TOKENS.modelNames)]);
    const own = makeProbes({ config, clock, storage: () => get(TOKENS.storage), models });
    const probes = [...own, botProbe(told), ...(config.telegram ? [toldByBot(told, reachTelegramProbe(config.telegram))] : [])];
    const readings = await makeRunProbes({ clock, redact })(probes, { depth });
    return summarise([...checksOf(readings), ...unseen(probes, (await told()).checks)]);
  } finally {
    await lifecycle.stop();
  }
};

const checksOf = (readings: readonly ProbeReading[]): readonly HealthCheck[] => readings.map(({ check }) => check);

/** What the running bot has looked at, and this process can't. */
const unseen = (probes: readonly HealthProbe[], checks: readonly HealthCheck[]): readonly HealthCheck[] => {
  const seen = new Set(probes.map(({ id }) => id));
  return checks.filter(({ id }) => !seen.has(id));
};
