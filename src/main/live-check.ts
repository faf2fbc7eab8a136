import { makeDiskProbe } from '../adapters/probes/index.ts';
import { systemClock } from '../adapters/system/index.ts';
import { makeRunProbes } from '../application/index.ts';
import type { Config } from '../config/index.ts';
import type { HealthProbe } from '../ports/index.ts';
import { databasePath } from './data-dir.ts';
import { NEWER_HINT, seeDatabase, tablesFinding } from './doctor/database-checks.ts';
import { asking } from './probes/asking.ts';
import { modelProbes } from './probes/model-probes.ts';
import { portProbe } from './probes/port-probe.ts';
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
    portProbe(config, timeoutMs),
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
  ['system.port', 'port'],
  ['storage.disk', 'disk'],
] as const;

/** Whether a start could use the database: no table is made, and none is changed. */
const databaseProbe = (config: Config, limitMs: number): HealthProbe =>
  asking({
    id: 'storage.database',
    depth: 'local',
    limitMs,
    broken: 'fail',
    help: (code, own) => (code === 'invalid-request' ? NEWER_HINT : (own ?? `see ${config.database ? 'DATABASE_URL' : 'KEPT_DATA_DIR'}`)),
    ask: async (signal) => {
      const seen = await seeDatabase(config, limitMs, signal);
      if (!seen) return `${databasePath(config.dataDir)} is not there yet: the first start makes it`;
      const settings = seen.settings();
      const found = settings.status === 'fail' ? settings : tablesFinding(seen);
      return { ...found, message: `${seen.words}; ${found.message}` };
    },
  });
