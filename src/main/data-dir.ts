import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** What stands in the data directory, and under which names. */
export const databasePath = (dataDir: string): string => join(dataDir, 'system.db');
/** How far the database had come; the storage writes it. */
export const databaseMarkPath = (dataDir: string): string => `${databasePath(dataDir)}.mark`;
/** What the running bot has told of itself. */
export const infoPath = (dataDir: string): string => join(dataDir, 'kept.json');
const placePath = (dataDir: string): string => join(dataDir, 'place');
export const logsPath = (dataDir: string): string => join(dataDir, 'logs');
export const logPath = (dataDir: string): string => join(logsPath(dataDir), 'kept.log');

/**
 * A name of this data directory on this machine, the same at every start: `<host>.<random>`. Other machines have
 * others, even where they call themselves the same or their directory is a copy of this one.
 */
export const placeName = (dataDir: string): string => {
  const path = placePath(dataDir);
  if (!existsSync(path)) {
    const draft = `${path}.${randomUUID()}`;
    writeFileSync(draft, `${randomUUID().slice(0, 13)}\n`, { mode: 0o600 });
    renameSync(draft, path);
  }
  return `${hostname()}.${readFileSync(path, 'utf8').trim()}`;
};

export type Role = 'start' | 'bot' | 'worker';

/** The lock of whoever answers: there is one bot on a data directory. */
export const BOT_LOCK = 'kept';
/** Workers have a lock each, so that there may be any number. Not by PID: in containers, every process is number 1. */
const WORKER_LOCK = `worker-${randomUUID().slice(0, 8)}`;
export const lockName = (role: Role): string => (role === 'worker' ? WORKER_LOCK : BOT_LOCK);

/** Every file of the data directory that more than one start writes to. */
export const dataFiles = (dataDir: string): readonly string[] => [
  ...['', '-wal', '-shm'].map((end) => databasePath(dataDir) + end),
  databaseMarkPath(dataDir),
  placePath(dataDir),
  infoPath(dataDir),
  ...['lock', 'pid'].map((end) => join(dataDir, `${BOT_LOCK}.${end}`)),
  logPath(dataDir),
];
