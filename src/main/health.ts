import { diagnose, makeRunProbes, type RunProbes } from '../application/index.ts';
import type { Config } from '../config/index.ts';
import { type HealthCheck, type HealthReport, summarise } from '../domain/index.ts';
import { type HealthProbe, type Logger, PortError, type ProbeDepth, type Redact, type Storage } from '../ports/index.ts';
import { makeAppContext } from './container.ts';
import { hiddenBy } from './hung-disk.ts';
import { catalogOf } from './modules/agents.ts';
import { bindAskAgent, makeProbes } from './modules/health.ts';
import { openWorkspaceDatabase } from './modules/notion.ts';
import { leaderOfRegister } from './probes/process-probes.ts';
import { besideBot, botToAsk, NO_BOT, toldByBot } from './probes/told-by-bot.ts';
import { withShortConnect } from './short-connect.ts';
import { TOKENS } from './tokens.ts';

/** What a command sees of the health of everything. */
export interface HealthLook {
  readonly run: RunProbes;
  readonly redact: Redact;
  /** Every probe. Where the storage is not to be opened, those who want it are told `unopened`. */
  probes(unopened?: Error): readonly HealthProbe[];
  /** What the running bot has looked at, and these probes do not. */
  unseen(probes: readonly HealthProbe[]): Promise<readonly HealthCheck[]>;
}

export interface LookOptions {
  readonly logger: Logger;
  readonly depth: ProbeDepth;
  /** Whether the disk of the data directory does not answer: then nothing looks at it. */
  readonly isHung?: boolean;
}

/** The composition of `kept health` and `kept doctor`: a look beside the running processes. Creates nothing. */
export const besideProcesses = async <T>(
  given: Config,
  { logger, depth, isHung = false }: LookOptions,
  action: (look: HealthLook) => Promise<T>,
): Promise<T> => {
  const config = withShortConnect(given, CONNECT_MS);
  const { container, get, lifecycle } = makeAppContext(config, logger, { asItIs: true });
  bindAskAgent(container);
  try {
    const [clock, redact, models, events] = await Promise.all([
      get(TOKENS.clock),
      get(TOKENS.redact),
      get(TOKENS.modelNames),
      get(TOKENS.events),
    ]);
    const bot = isHung ? NO_BOT : await botToAsk(config, depth);
    return await action({
      run: (asked, run) => makeRunProbes({ clock, redact })(asked, { depth, ...run }),
      redact,
      probes: (unopened) => {
        const storage = (): Promise<Storage> => (unopened ? Promise.reject(unopened) : get(TOKENS.storage));
        const all = makeProbes({
          config,
          clock,
          models,
          storage,
          notion: () => openWorkspaceDatabase(config, clock),
          agents: catalogOf(config).list(),
          disk: { isHung },
          askAgent: async (...asked) => (await get(TOKENS.askAgent))(...asked),
          ofProcess: [
            ...besideBot(config, bot, { clock, events }),
            ...(config.database ? [toldByBot(bot, leaderOfRegister({ storage, clock }))] : []),
          ],
        });
        // What costs money is asked by one of the two; the bot can ask Telegram for the time, too.
        return all.map((probe) => (bot.isUp && (probe.depth === 'deep' || probe.id === 'process.clock') ? toldByBot(bot, probe) : probe));
      },
      unseen: (probes) => bot.unseen(idsOf(probes)),
    });
  } finally {
    await lifecycle.stop();
  }
};

/** What `kept health` tells: every probe is asked, and the running bot for what only it knows. */
export const checkHealth = (
  config: Config,
  logger: Logger,
  depth: ProbeDepth = 'cheap',
  { isHung = false }: Pick<LookOptions, 'isHung'> = {},
): Promise<HealthReport> =>
  besideProcesses(config, { logger, depth, isHung }, async ({ run, probes, unseen }) => {
    const left = hiddenBy(config).filter((id) => isHung && id !== 'storage.disk');
    const { checks } = await diagnose({
      checks: [],
      probes: () => probes(left.includes('storage.database') ? unopened() : undefined),
      unseen,
      run,
      isAsked: () => true,
      explained: new Map(left.map((id) => [id, 'storage.disk'])),
    });
    return summarise(checks);
  });

export const unopened = (): PortError => new PortError('unavailable', 'the database is not opened', { retryable: false });

/** Within the limit of the probe of the database. */
const CONNECT_MS = 4_000;

const idsOf = (probes: readonly HealthProbe[]): ReadonlySet<string> => new Set(probes.map(({ id }) => id));
