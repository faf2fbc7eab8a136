import type { Command } from 'commander';
import { makeRedactor } from '../../adapters/redaction/index.ts';
import { stripControl } from '../../adapters/terminal/index.ts';
import type { Config } from '../../config/index.ts';
import { bytesWords, commandHint, listedAt, plural, type UpgradeObstacle, type UpgradePlan, upgradePlan } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import { isPortError } from '../../ports/index.ts';
import { databasePath } from '../data-dir.ts';
import { CommandError, EXIT, print, UsageError } from '../failures.ts';
import { keepAlive } from '../keep-alive.ts';
import { lookAtDatabase } from '../look-at-database.ts';
import { newestBackup } from '../newest-backup.ts';
import { VERSION } from '../version.ts';
import { loadConfigToLook, printJson } from './outcome.ts';
import { WHERE_DATA_IS } from './with-context.ts';

/** A start of this version changes nothing, or something; or an operator should mend something first. */
export const UPGRADE_EXIT = { same: EXIT.ok, obstructed: EXIT.bad, changes: 2 } as const;

export const addUpgrade = (program: Command): void => {
  program
    .command('upgrade')
    .description('say what the next start of this version changes; exit code 0 nothing, 2 something, 1 it should wait')
    .option('--check', 'only look: this changes nothing, and a start does the rest')
    .option('--json', 'as JSON')
    .action(async ({ check, json }: { check?: boolean; json?: boolean }) => {
      if (!check)
        throw new UsageError(
          `a start brings the tables up to date by itself: ${commandHint('upgrade --check')} says before what that changes`,
          'usage/check-missing',
        );
      const { config } = loadConfigToLook(...WHERE_DATA_IS);
      const seen = await keepAlive(look(config));
      process.exitCode = exitOf(seen.plan);
      if (json) return printJson(viewOf(seen));
      print(stripControl(linesOf(seen).join('\n')));
    });
};

interface Seen {
  readonly place: string;
  readonly isNew: boolean;
  readonly bytes: number;
  /** How many processes live on it. */
  readonly alive: number;
  /** When the newest backup was made. */
  readonly backupAt?: number;
  /** Whether others make them, where this process does not look. */
  readonly hasUnseenBackups: boolean;
  readonly plan: UpgradePlan;
}

const look = async (config: Config): Promise<Seen> => {
  const { dataDir, database, secrets, backups } = config;
  const hasUnseenBackups = backups.areElsewhere === true;
  const place = database ? (await import('../../adapters/postgres/index.ts')).placeOf(database.url) : databasePath(dataDir);
  const [found, backup] = await Promise.all([lookingFor(config), newestBackup(dataDir)]);
  const { isNew, pending, bytes, at } = found;
  const processes = listedAt(found.processes, at);
  const backupAt = backup?.isFound ? backup.at : undefined;
  const plan = upgradePlan({ migrations: pending, processes, isNew, hasUnseenBackups, now: Date.now(), ...present({ backupAt }) });
  const alive = processes.filter(({ vitality }) => vitality === 'alive').length;
  return { place: makeRedactor(secrets)(place), isNew, bytes, alive, plan, hasUnseenBackups, ...present({ backupAt }) };
};

const lookingFor = async (config: Config) => {
  const found = await lookAtDatabase(config).catch((error: unknown) => {
    if (!isPortError(error)) throw error;
    throw new CommandError(error.message, error.code === 'invalid-request' ? 'upgrade/newer-data' : 'upgrade/unreadable');
  });
  if (found) return found;
  throw new CommandError(`there is no data in ${config.dataDir} yet: the first start makes it, or check KEPT_DATA_DIR`, 'data/missing');
};

const exitOf = ({ migrations, obstacles }: UpgradePlan): number =>
  obstacles.length > 0 ? UPGRADE_EXIT.obstructed : migrations.length > 0 ? UPGRADE_EXIT.changes : UPGRADE_EXIT.same;

const viewOf = ({ place, isNew, bytes, alive, backupAt, plan }: Seen) => ({
  version: VERSION,
  place,
  isNew,
  bytes,
  migrations: plan.migrations,
  hasWayBack: plan.hasWayBack,
  processes: alive,
  leftBehind: plan.leftBehind.map(({ id, role, host, pid, version, dataDir }) => ({ id, role, host, pid, version, dataDir })),
  ...(backupAt === undefined ? {} : { backupAt: new Date(backupAt).toISOString() }),
  obstacles: plan.obstacles,
});

/** So many processes are listed. */
const MAX_LISTED = 20;

const linesOf = (seen: Seen): readonly string[] => {
  const { place, isNew, bytes, alive, backupAt, hasUnseenBackups, plan } = seen;
  const { migrations, leftBehind, hasWayBack, obstacles } = plan;
  const about = `${place}, ${bytesWords(bytes)}`;
  const none = hasUnseenBackups ? 'backups are made elsewhere: see that one is of today' : 'no backup';
  const backup = backupAt === undefined ? none : `the newest backup is of ${new Date(backupAt).toISOString()}`;
  if (migrations.length === 0)
    return [`Kept ${VERSION} changes nothing in ${about}: the tables are those of this version, or a newer one that it can work with.`];
  return [
    `A start of Kept ${VERSION} runs ${plural(migrations.length, 'migration')} on ${about}${isNew ? ', which has no tables yet' : ''}:`,
    ...migrations.map(({ phase, words, name }) => `  ${phase.padEnd(8)}  ${words} (${name})`),
    hasWayBack
      ? 'The version before can be started again afterwards.'
      : 'The version before can NOT be started again afterwards, but with a backup from before.',
    `${plural(alive, 'process runs', 'processes run')} on it; ${backup}.`,
    ...leftBehind
      .slice(0, MAX_LISTED)
      .map(({ role, host, pid, version, dataDir }) => `  left behind: ${role} of Kept ${version} on ${host} (PID ${pid}) in ${dataDir}`),
    ...(leftBehind.length > MAX_LISTED ? [`  and ${leftBehind.length - MAX_LISTED} more`] : []),
    ...obstacles.map((obstacle) => `Not yet: ${ADVICE[obstacle]}`),
  ];
};

const ADVICE: Readonly<Record<UpgradeObstacle, string>> = {
  'processes-left-behind': `stop these processes first (${commandHint('stop')} on each machine): they can't work with the new tables.`,
  'no-fresh-backup': `make a backup first (${commandHint('backup create')}): there is none newer than a day in backups/ of the data directory.`,
};
