import { requireFreePort } from '../adapters/http/index.ts';
import { makeDiskProbe, probePostgres, probeSqlite } from '../adapters/probes/index.ts';
import { listProcessLocks, systemClock } from '../adapters/system/index.ts';
import { makeRunProbes } from '../application/index.ts';
import type { Config } from '../config/index.ts';
import type { HealthProbe } from '../ports/index.ts';
import { BOT_LOCK, databasePath } from './data-dir.ts';
import { asking } from './probes/asking.ts';
import { modelProbes } from './probes/model-probes.ts';
import { reachTelegramProbe } from './probes/telegram-reach.ts';

/** The result of one live check. */
export interface LiveResult {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to check if it failed, or may fail soon. */
  readonly hint?: string;
}

const TIMEOUT_MS = 10_000;
const MB = 1024 ** 2;

/** Runs all checks in parallel, each for at most ten seconds. Never rejects, signs nobody in, stores nothing. */
export const checkLive = async (config: Config, timeoutMs = TIMEOUT_MS): Promise<readonly LiveResult[]> => {
  const models = modelProbes(config, { limitMs: timeoutMs, broken: 'fail' }).filter(({ name }) => !name.startsWith('rehearsal/'));
  const others = [
    databaseProbe(config, timeoutMs),
    ...(config.telegram ? [reachTelegramProbe(config.telegram, timeoutMs)] : []),
    portProbe(config, { id: 'process.port', limitMs: timeoutMs }),
    makeDiskProbe({ dataDir: config.dataDir, mayBeMade: true, room: { bytes: 100 * MB, short: 'fail' } }),
  ];
  const names = new Map([...models.map(({ name, probe }) => [probe.id, name] as const), ...NAMES]);
  const readings = await makeRunProbes({ clock: systemClock })([...models.map(({ probe }) => probe), ...others]);
  return readings.map(({ check: { id, status, message, fixHint } }) => ({
    name: names.get(id) ?? id,
    ok: status !== 'fail',
    detail: message,
    ...(fixHint === undefined ? {} : { hint: fixHint }),
  }));
};

const NAMES = [
  ['storage.database', 'database'],
  ['gateway.telegram', 'telegram'],
  ['process.port', 'port'],
  ['storage.disk', 'disk'],
] as const;

/** Whether the database can be opened, and nothing more: no table is made, and none is changed. */
const databaseProbe = ({ database, dataDir }: Config, limitMs: number): HealthProbe => {
  const path = databasePath(dataDir);
  return asking({
    id: 'storage.database',
    depth: 'local',
    limitMs,
    broken: 'fail',
    help: () => `see ${database ? 'DATABASE_URL' : 'KEPT_DATA_DIR'}`,
    ask: async () => (database ? probePostgres(database, limitMs) : `${path} ${await probeSqlite(path)}`),
  });
};

/** Whether a bot can listen where the configuration says, or does so already. */
export const portProbe = (
  { dataDir, http }: Pick<Config, 'dataDir' | 'http'>,
  { id, limitMs }: { readonly id: string; readonly limitMs: number },
): HealthProbe => {
  const place = `${http.host}:${http.port}`;
  return asking({
    id,
    depth: 'local',
    limitMs,
    broken: 'fail',
    where: place,
    help: () => 'see HOST and PORT',
    ask: async () => {
      const bot = (await listProcessLocks(dataDir, { sweeps: false })).find(({ role }) => role === BOT_LOCK);
      if (bot) return `${place} is used by Kept itself (PID ${bot.pid})`;
      await requireFreePort(http);
      return `${place} is free`;
    },
  });
};
