import type { Container } from 'inversify';
import { makeBackupSchedule, makeKnownBackup } from '../../application/index.ts';
import { bind } from '../bind.ts';
import { backupsOf } from '../make-backups.ts';
import { backupsPath, newestBackup } from '../newest-backup.ts';
import { placeHere } from '../seen-processes.ts';
import { TOKENS } from '../tokens.ts';

const T = TOKENS;

/** The newest backup that is known of, for whoever watches its age. */
export const bindKnownBackup = (container: Container): void =>
  bind(container, T.knownBackup, { config: T.config, storage: T.storage, clock: T.clock }, ({ config, storage, clock }) =>
    makeKnownBackup({
      here: () => newestBackup(config.dataDir),
      place: placeHere(config),
      isScheduled: config.backups.everyMs !== undefined,
      state: storage.state('backups'),
      processes: storage.stores.processes,
      clock,
    }),
  );

/** The backups that are made by themselves, in the bot that leads. */
export const bindBackups = (container: Container): void =>
  bind(
    container,
    T.backupSchedule,
    { config: T.config, storage: T.storage, known: T.knownBackup, clock: T.clock, events: T.events },
    ({ config, storage, known, clock, events }) => {
      const { everyMs, keep } = config.backups;
      if (everyMs === undefined) return undefined;
      const place = backupsPath(config.dataDir);
      return makeBackupSchedule({
        backups: backupsOf(config),
        place,
        machine: placeHere(config),
        newestAt: async () => {
          const newest = await known();
          return newest?.isFound ? newest.at : undefined;
        },
        state: storage.state('backups'),
        everyMs,
        keep,
        clock,
        events,
      });
    },
  );
