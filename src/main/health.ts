import { makeRunProbes } from '../application/index.ts';
import type { Config } from '../config/index.ts';
import { type HealthReport, summarise } from '../domain/index.ts';
import type { HealthProbe, Logger, ProbeDepth } from '../ports/index.ts';
import { makeAppContext } from './container.ts';
import { catalogOf } from './modules/agents.ts';
import { bindAskAgent, makeProbes } from './modules/health.ts';
import { openWorkspaceDatabase } from './modules/notion.ts';
import { leaderOfRegister } from './probes/process-probes.ts';
import { besideBot, botToAsk, toldByBot } from './probes/told-by-bot.ts';
import { TOKENS } from './tokens.ts';

/**
 * The composition of `kept health`: asks every probe, beside the running processes, and the running bot for what only
 * it knows. Creates nothing.
 */
export const checkHealth = async (given: Config, logger: Logger, depth: ProbeDepth = 'cheap'): Promise<HealthReport> => {
  const config = hasty(given);
  const { container, get, lifecycle } = makeAppContext(config, logger, { asItIs: true });
  bindAskAgent(container);
  try {
    const [clock, redact, models, events] = await Promise.all([
      get(TOKENS.clock),
      get(TOKENS.redact),
      get(TOKENS.modelNames),
      get(TOKENS.events),
    ]);
    const bot = await botToAsk(config, depth);
    const storage = () => get(TOKENS.storage);
    const all = makeProbes({
      config,
      clock,
      models,
      storage,
      notion: () => openWorkspaceDatabase(config, clock),
      agents: catalogOf(config).list(),
      askAgent: async (...asked) => (await get(TOKENS.askAgent))(...asked),
      ofProcess: [
        ...besideBot(config, bot, { clock, events }),
        ...(config.database ? [toldByBot(bot, leaderOfRegister(storage, clock))] : []),
      ],
    });
    // What costs money is asked by one of the two.
    const probes = all.map((probe) => (probe.depth === 'deep' && bot.isUp ? toldByBot(bot, probe) : probe));
    const readings = await makeRunProbes({ clock, redact })(probes, { depth });
    const own = readings.map(({ check }) => check);
    return summarise([...own, ...(await bot.unseen(idsOf(probes)))]);
  } finally {
    await lifecycle.stop();
  }
};

/** A database that can't be reached is told within the limit of its probe, and not waited for afterwards. */
const hasty = (config: Config): Config => {
  const { database } = config;
  if (!database) return config;
  return { ...config, database: { ...database, connectTimeoutMs: Math.min(database.connectTimeoutMs ?? CONNECT_MS, CONNECT_MS) } };
};

const CONNECT_MS = 4_000;

const idsOf = (probes: readonly HealthProbe[]): ReadonlySet<string> => new Set(probes.map(({ id }) => id));
