import { chmodSync, lstatSync } from 'node:fs';
import { listProcessLocks } from '../../adapters/system/index.ts';
import type { Repair } from '../../application/index.ts';
import { COMPANIONS, openInData, problemArea } from '../../config/index.ts';
import { commandHint, durationWords, isBadBy } from '../../domain/index.ts';
import { PortError } from '../../ports/index.ts';
import { HUNG_HINT, HUNG_WORDS } from '../hung-disk.ts';
import { backupsPath, newestBackup } from '../newest-backup.ts';
import { findDataDirFault } from '../open-data-dir.ts';
import type { DoctorParts, Looks, Repairs } from './parts.ts';

const MAX_TOLD = 5;

/** The data directory and its files. */
export const fileLooks = (parts: DoctorParts): Pick<Looks, 'storage.directory' | 'storage.modes' | 'storage.backup'> => {
  const { config, now, hung } = parts;
  const { dataDir } = config;
  return {
    'storage.directory': async () => {
      if (hung === 'data') return { status: 'fail', message: `${dataDir}: ${HUNG_WORDS}`, where: 'KEPT_DATA_DIR', fixHint: HUNG_HINT };
      const fault = findDataDirFault(dataDir);
      if (fault) return { status: 'fail', message: fault.problem, where: 'KEPT_DATA_DIR', fixHint: fault.hint };
      const isThere = lstatSync(dataDir, { throwIfNoEntry: false }) !== undefined;
      return { status: 'ok', message: isThere ? dataDir : `${dataDir} is not there yet: the first start makes it` };
    },
    'storage.modes': async () => {
      if (process.platform === 'win32') return { status: 'skipped', message: 'this system knows no such rights' };
      const { open, named } = openTo(parts);
      if (open.length + named.length === 0) return { status: 'ok', message: 'nobody else can read or change what Kept stores' };
      const places = [...open, ...named.map(({ place }) => place)];
      const shown = [...places.slice(0, MAX_TOLD), ...(places.length > MAX_TOLD ? [`${places.length - MAX_TOLD} more`] : [])].join(', ');
      return {
        status: named.some(({ severity }) => severity === 'error') ? 'fail' : 'warn',
        message: `other users of this machine can read or change ${shown}`,
        where: shown,
        fixHint: [`${commandHint('doctor --fix')}, or \`chmod -R go= ${dataDir}\``, ...named.map(({ hint }) => hint)]
          .slice(open.length === 0 ? 1 : 0)
          .join('; '),
      };
    },
    'storage.backup': async () => {
      const place = backupsPath(dataDir);
      if (hung === 'backups') return { status: 'warn', message: `${place}: ${HUNG_WORDS}`, where: place, fixHint: HUNG_HINT };
      const newest = await newestBackup(dataDir);
      if (!newest && config.backups.areElsewhere)
        return { status: 'skipped', message: 'backups are made elsewhere (KEPT_BACKUP_EVERY), where nobody looks from here' };
      if (!newest)
        return {
          status: 'skipped',
          message: `there is no backup in ${place} yet`,
          fixHint: `${commandHint('backup create')} makes one`,
        };
      const fixHint =
        newest.ahead === undefined
          ? 'make a backup, and see why the last one failed'
          : 'set the clock right, make a backup, and move those with a time in the future elsewhere';
      const age = Math.max(0, now() - newest.at);
      const unseen = newest.isWhole ? '' : "; it can't be looked into: whether it is whole shows when it is restored";
      const ahead = newest.ahead === undefined ? '' : `; ${newest.ahead} with a time in the future count as none`;
      const unread = unreadWords(newest.unread);
      const message = newest.isFound
        ? `the newest backup was made ${durationWords(age)} ago${unseen}${ahead}${unread}`
        : `${place} holds no backup, or only such as broke off${ahead}${unread}`;
      // A directory without any is bad at once, however young it is.
      const isBad = isBadBy('storage.backup', config.alertRules['storage.backup'], newest.isFound ? age / 1_000 : Number.POSITIVE_INFINITY);
      return isBad || ahead !== '' ? { status: 'warn', message, where: place, fixHint } : { status: 'ok', message };
    },
  };
};

const unreadWords = (paths: readonly string[] = []): string => {
  const more = paths.length > MAX_TOLD ? ` and ${paths.length - MAX_TOLD} more` : '';
  return paths.length === 0 ? '' : `; this user can't look into ${paths.slice(0, MAX_TOLD).join(', ')}${more}`;
};

/** What others have rights on: of the data directory, and of the configuration. */
const openTo = ({ config: { dataDir }, problems, hung }: DoctorParts) => {
  const open = openInData(dataDir, (path) => hung === 'backups' && path === backupsPath(dataDir)).map(({ path }) => path);
  const isData = (path = ''): boolean => path === dataDir || path.startsWith(`${dataDir}/`);
  const named = problems.filter((problem) => problemArea(problem) === 'mode' && !isData(problem.openFile));
  return { open, named };
};

export const fileRepairs = (parts: DoctorParts): Repairs => ({
  'storage.modes': async () => {
    const { dataDir } = parts.config;
    const { open, named } = openTo(parts);
    return [
      ...open.map((path): Repair => ({ words: `chmod go= ${path}`, run: () => idle(dataDir, async () => close(path)) })),
      // A key of TLS usually has its own group: a person decides.
      ...named.flatMap(({ place, openFile, mayBeRead }): Repair[] => {
        const found = openFile === undefined ? undefined : lstatSync(openFile, { throwIfNoEntry: false });
        if (openFile === undefined || !found || found.isSymbolicLink() || place.startsWith('SSL_')) return [];
        if (mayBeRead) return [{ words: `chmod o-w ${openFile}`, run: async () => chmodSync(openFile, found.mode & 0o7775) }];
        return found.isFile() ? [{ words: `chmod go= ${openFile}`, run: async () => close(openFile) }] : [];
      }),
    ];
  },
});

/** Takes the rights of others away; from the companions of the database too, which SQLite makes with its rights. */
const close = (path: string): void => {
  for (const each of [path, ...COMPANIONS.map((end) => path + end)]) {
    const found = lstatSync(each, { throwIfNoEntry: false });
    if (found) chmodSync(each, found.mode & 0o700);
  }
};

/** Runs what changes the files of processes, where none runs. */
export const idle = async (dataDir: string, change: () => Promise<void>): Promise<void> => {
  const [running] = await listProcessLocks(dataDir, { sweeps: false });
  if (running)
    throw new PortError('invalid-request', `PID ${running.pid} runs on this data: stop it first, with ${commandHint('stop')}`, {
      retryable: false,
    });
  await change();
};
