import type { Container } from 'inversify';
import { makeBackupSchedule } from '../../application/index.ts';
import { bind } from '../bind.ts';
import { backupsOf } from '../make-backups.ts';
import { backupsPath, newestBackup } from '../newest-backup.ts';
import { TOKENS } from '../tokens.ts';

const T = TOKENS;

/** The backups that are made by themselves, in the bot that leads. */
export const bindBackups = (container: Container): void =>
  bind(
    container,
    T.backupSchedule,
    { config: T.config, storage: T.storage, clock: T.clock, events: T.events },
    ({ config, storage, clock, events }) => {
      const { everyMs, keep } = config.backups;
      if (everyMs === undefined) return undefined;
      const place = backupsPath(config.dataDir);
      return makeBackupSchedule({
        backups: backupsOf(config),
        place,
        newestAt: async () => (await newestBackup(config.dataDir))?.at,
        state: storage.state('backups'),
        everyMs,
        keep,
        clock,
        events,
      });
    },
  );
