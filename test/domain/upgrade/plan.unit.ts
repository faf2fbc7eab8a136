import { strict as assert } from 'node:assert';
import { FRESH_BACKUP_MS, type ListedProcess, type PendingMigration, upgradePlan, type Vitality } from '../../../src/domain/index.ts';

const NOW = 1_800_000_000_000;
const FRESH = NOW - FRESH_BACKUP_MS;
const process = (version: string, vitality: Vitality = 'alive'): ListedProcess => ({
  id: `${version} ${vitality}`,
  role: 'worker',
  host: 'alpha',
  pid: 7,
  version,
  dataDir: '/data',
  startedAt: NOW,
  heartbeatAt: NOW,
  vitality,
  work: { phase: 'running', promises: [], promiseCount: 0, answering: 0 },
});
const EXPAND: PendingMigration = { name: 'A1', phase: 'expand', words: 'a' };
const CONTRACT: PendingMigration = { name: 'C1', phase: 'contract', words: 'c' };
const SINCE_2 = { ...CONTRACT, usableFrom: '0.2.0' };

interface Row {
  readonly title: string;
  readonly migrations: readonly PendingMigration[];
  readonly processes?: readonly ListedProcess[];
  readonly isNew?: boolean;
  readonly backupAt?: number | undefined;
  readonly hasUnseenBackups?: true;
  readonly leftBehind?: readonly string[];
  readonly hasWayBack?: boolean;
  readonly obstacles?: readonly string[];
}

const ROWS: readonly Row[] = [
  { title: 'nothing to run needs no backup', migrations: [], backupAt: undefined },
  { title: 'an expansion leaves nobody behind', migrations: [EXPAND], processes: [process('0.1.0')] },
  {
    title: 'versions from before the phases refuse any migration that they do not know',
    migrations: [{ ...EXPAND, name: 'Phases1764806500000' }],
    hasWayBack: false,
  },
  { title: 'an upgrade wants a backup', migrations: [EXPAND], backupAt: undefined, obstacles: ['no-fresh-backup'] },
  { title: 'a backup older than a day is none', migrations: [EXPAND], backupAt: FRESH - 1, obstacles: ['no-fresh-backup'] },
  { title: 'a backup that others make can not be looked at', migrations: [EXPAND], backupAt: undefined, hasUnseenBackups: true },
  {
    title: 'a backup of a day from now is none',
    migrations: [EXPAND],
    backupAt: NOW + FRESH_BACKUP_MS + 1,
    obstacles: ['no-fresh-backup'],
  },
  { title: 'a new database needs none', migrations: [EXPAND, CONTRACT], isNew: true, backupAt: undefined },
  {
    title: 'a contraction leaves behind whoever lives, and has no way back',
    migrations: [EXPAND, CONTRACT],
    processes: [process('0.1.0'), process('0.1.0', 'stopped'), process('0.1.0', 'silent'), process('0.1.0', 'replaced')],
    leftBehind: ['0.1.0 alive'],
    hasWayBack: false,
    obstacles: ['processes-left-behind'],
  },
  {
    title: 'a contraction a release later leaves behind only who is older than its expansion',
    migrations: [SINCE_2],
    processes: ['0.1.9', '0.2.0', '0.2.1', '0.10.0', '1.0.0', '0.2.0-beta.1', ''].map((version) => process(version)),
    leftBehind: ['0.1.9 alive', '0.2.0-beta.1 alive', ' alive'],
    obstacles: ['processes-left-behind'],
  },
  {
    title: 'the strictest of several contractions counts',
    migrations: [SINCE_2, { ...CONTRACT, usableFrom: '0.3.0' }],
    processes: [process('0.2.0'), process('0.3.0')],
    leftBehind: ['0.2.0 alive'],
    obstacles: ['processes-left-behind'],
  },
  {
    title: 'both obstacles are told',
    migrations: [CONTRACT],
    processes: [process('0.1.0')],
    backupAt: undefined,
    leftBehind: ['0.1.0 alive'],
    hasWayBack: false,
    obstacles: ['processes-left-behind', 'no-fresh-backup'],
  },
];

describe('The plan of an upgrade', () => {
  for (const row of ROWS)
    it(row.title, () => {
      const {
        migrations,
        processes = [],
        isNew = false,
        leftBehind = [],
        hasWayBack = true,
        obstacles = [],
        hasUnseenBackups = false,
      } = row;
      const backupAt = 'backupAt' in row ? row.backupAt : FRESH;
      const plan = upgradePlan({
        migrations,
        processes,
        isNew,
        hasUnseenBackups,
        now: NOW,
        ...(backupAt === undefined ? {} : { backupAt }),
      });
      assert.deepEqual({ ...plan, leftBehind: plan.leftBehind.map(({ id }) => id) }, { migrations, leftBehind, hasWayBack, obstacles });
    });
});
