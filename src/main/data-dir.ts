import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Files in the data directory. */
export const databasePath = (dataDir: string): string => join(dataDir, 'system.db');
/** The storage's record of how far the database had come. */
export const databaseMarkPath = (dataDir: string): string => `${databasePath(dataDir)}.mark`;
/** What the running bot says about itself. */
export const infoPath = (dataDir: string): string => join(dataDir, 'kept.json');
const placePath = (dataDir: string): string => join(dataDir, 'place');
export const logsPath = (dataDir: string): string => join(dataDir, 'logs');
export const logPath = (dataDir: string): string => join(logsPath(dataDir), 'kept.log');

/** Whether anything was stored in it yet. A database that was lost leaves its record. */
export const hasStored = (dataDir: string): boolean => [databasePath(dataDir), databaseMarkPath(dataDir)].some((path) => existsSync(path));

/**
 * The name of this data directory on this machine, stable across starts: `<host>.<random>`. Machines differ, even with
 * the same host name or a copied directory.
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

/** The lock of the process that answers: one bot per data directory. */
export const BOT_LOCK = 'kept';
/** Each worker has its own lock. It is not named by PID: in containers, every process has PID 1. */
const WORKER_LOCK = `worker-${randomUUID().slice(0, 8)}`;
export const lockName = (role: Role): string => (role === 'worker' ? WORKER_LOCK : BOT_LOCK);

/** Every file in the data directory that later starts write to again. */
export const dataFiles = (dataDir: string): readonly string[] => [
  ...['', '-wal', '-shm'].map((end) => databasePath(dataDir) + end),
  databaseMarkPath(dataDir),
  placePath(dataDir),
  infoPath(dataDir),
  ...['lock', 'pid'].map((end) => join(dataDir, `${BOT_LOCK}.${end}`)),
  logPath(dataDir),
];
