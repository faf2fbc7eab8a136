import { listProcessLocks, systemClock } from '../../adapters/system/index.ts';
import { HEALTH_ANSWER_MS, requestHealth } from '../../adapters/terminal/index.ts';
import { within } from '../../application/index.ts';
import type { Config } from '../../config/index.ts';
import { type CheckStatus, commandHint, type HealthCheck, type HealthStatus } from '../../domain/index.ts';
import { type Clock, type Events, type Finding, type HealthProbe, type ProbeDepth, reasonOf } from '../../ports/index.ts';
import { botOf } from '../data-dir.ts';
import { makeServers } from '../modules/mcp.ts';
import { ownServer } from '../own-server.ts';
import { readStarted } from '../started.ts';
import { ASKED_MS } from './asking.ts';
import { mcpStartProbes } from './mcp-probes.ts';
import { PROBES } from './probe-list.ts';
import { noTelegram, reachTelegramProbe } from './telegram-reach.ts';

/** What the running bot tells of its health. */
export interface BotHealth {
  /** What is to be said about the bot itself. */
  readonly bot?: Finding;
  readonly checks: readonly HealthCheck[];
}

/** The bot that runs on this data, to be asked once. */
export interface BotToAsk {
  /** Whether one runs here and serves HTTP. */
  readonly isUp: boolean;
  /** The longest that it is waited for. */
  readonly waitMs: number;
  /** Never rejects: what goes wrong is said about the bot. */
  told(): Promise<BotHealth>;
  /** What it has looked at, and these do not. */
  unseen(ids: ReadonlySet<string>): Promise<readonly HealthCheck[]>;
}

export const botToAsk = async (config: Config, depth: ProbeDepth): Promise<BotToAsk> => botAt(await urlOfBot(config), config, depth);

/** Where it can't be seen whether one runs. */
export const NO_BOT: BotToAsk = { isUp: false, waitMs: 0, told: async () => ({ checks: [] }), unseen: async () => [] };

const botAt = (url: string | undefined, config: Config, depth: ProbeDepth): BotToAsk => {
  if (url === undefined) return NO_BOT;
  let asked: Promise<BotHealth> | undefined;
  const told = (): Promise<BotHealth> => {
    asked ??= askAt(url, config, depth);
    return asked;
  };
  return {
    isUp: true,
    // Without the token, it is asked a second time.
    waitMs: HEALTH_ANSWER_MS[depth] + HEALTH_ANSWER_MS.local,
    told,
    unseen: async (ids) => (await told()).checks.filter(({ id }) => !ids.has(id)),
  };
};

/** What the bot on this data, if one runs, can tell at once. Never rejects. */
export const askBot = async (config: Config): Promise<BotHealth> => (await botToAsk(config, 'local')).told();

const LOCKS_MS = 4_000;

/** Undefined if no bot runs, or if it is still starting. */
const urlOfBot = async ({ dataDir }: Config): Promise<string | undefined> => {
  const reading = listProcessLocks(dataDir, { sweeps: false }).catch(() => []);
  // Where the disk does not answer, its own check says so.
  const locks = await within(systemClock, LOCKS_MS, reading, () => []);
  const bot = botOf(locks);
  return bot && readStarted(dataDir, bot.pid)?.url;
};

const askAt = async (url: string, config: Config, depth: ProbeDepth): Promise<BotHealth> => {
  try {
    const { status, checks } = await requestHealth({ ...ownServer(config, url), depth });
    if (checks.length > 0) return { bot: { status: 'ok', message: `answers at ${url}` }, checks };
    const message = 'it tells no more without the token (KEPT_API_TOKEN)';
    return { bot: { status: CHECKED[status], message, where: url, fixHint: TOKEN_HINT }, checks };
  } catch (error) {
    return { bot: { status: 'warn', message: reasonOf(error), where: url, fixHint: hangsHint() }, checks: [] };
  }
};

const hangsHint = (): string => `see its log; if it goes on, restart it: ${commandHint('restart')}`;
const TOKEN_HINT = 'set KEPT_API_TOKEN here as where the bot was started';

const CHECKED: Readonly<Record<HealthStatus, CheckStatus>> = { healthy: 'ok', degraded: 'warn', unhealthy: 'fail' };

/**
 * Probes of what only a running process knows, by the bot that runs on this data; where none runs, by a look from here,
 * as far as there is one.
 */
export const besideBot = (
  config: Config,
  bot: BotToAsk,
  deps: { readonly clock: Clock; readonly events: Events },
): readonly HealthProbe[] => {
  const telegram = config.telegram ? reachTelegramProbe(config.telegram) : noTelegram();
  return [
    {
      id: 'process.bot',
      depth: 'local',
      limitMs: bot.waitMs + ASKED_MS,
      late: { status: 'warn', fixHint: hangsHint() },
      probe: async () => (bot.isUp ? (await bot.told()).bot : noBot()),
    },
    toldByBot(bot, telegram),
    ...ofBotAlone(bot, config.telegram !== undefined),
    ...mcpStartProbes(config, (name) => startedServer(config, name, deps)).map((probe) =>
      toldByBot(bot, bot.isUp ? { ...probe, depth: 'local', probe: async () => NOT_TOLD } : probe),
    ),
  ];
};

const NOT_TOLD: Finding = { status: 'skipped', message: 'the running bot does not say', fixHint: 'see process.bot' };
const noBot = (message = 'no bot answers on this data'): Finding => ({
  status: 'skipped',
  message,
  fixHint: `start it with ${commandHint('start')}`,
});

/** What nobody but the bot can look at: what it says, else why nobody does. */
const ofBotAlone = (bot: BotToAsk, hasTelegram: boolean): readonly HealthProbe[] =>
  Object.entries(PROBES)
    .filter(([id, { ofBot }]) => ofBot && (hasTelegram || !id.startsWith('gateway.telegram')))
    .map(([id]) =>
      toldByBot(bot, {
        id,
        depth: 'local',
        limitMs: ASKED_MS,
        late: { status: 'skipped' },
        probe: async () => {
          if (!bot.isUp) return noBot('only the running bot can tell it, and none answers on this data');
          // A log that can be written is not worth a line.
          return id === 'process.log' && (await bot.told()).checks.length > 0 ? undefined : NOT_TOLD;
        },
      }),
    );

/** What the running bot says under that id, else what `otherwise` finds. */
export const toldByBot = (bot: BotToAsk, otherwise: HealthProbe): HealthProbe => ({
  ...otherwise,
  limitMs: otherwise.limitMs + bot.waitMs,
  probe: async (signal) => {
    const found = (await bot.told()).checks.find(({ id }) => id === otherwise.id);
    if (!found) return otherwise.probe(signal);
    const { id: _, ...finding } = found;
    return finding;
  },
});

/** Starts one MCP server, looks whether it lists its tools, and ends it. */
const startedServer = async ({ mcp }: Config, name: string, deps: { readonly clock: Clock; readonly events: Events }) => {
  const servers = await makeServers({ ...mcp, servers: mcp.servers.filter((server) => server.name === name) }, deps);
  try {
    servers.start();
    await servers.ready(START_MS);
    return servers.report()[0];
  } finally {
    await servers.stop();
  }
};

/** Less than the limit of its probe: it is ended within that. */
const START_MS = 20_000;
