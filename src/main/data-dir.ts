import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config/index.ts';
import { writeWhole } from './whole-file.ts';

/** Files in the data directory. */
export const databasePath = (dataDir: string): string => join(dataDir, 'system.db');
/** The storage's record of how far the database had come. */
export const databaseMarkPath = (dataDir: string): string => `${databasePath(dataDir)}.mark`;
/** What a running bot says about itself. */
export const infoPath = (dataDir: string, lock: string = BOT_LOCK): string => join(dataDir, `${lock}.json`);
const placePath = (dataDir: string): string => join(dataDir, 'place');
export const logsPath = (dataDir: string): string => join(dataDir, 'logs');
export const logPath = (dataDir: string): string => join(logsPath(dataDir), 'kept.log');

/** Whether anything was stored in it yet. A database that was lost leaves its record. */
export const hasStored = (dataDir: string): boolean => [databasePath(dataDir), databaseMarkPath(dataDir)].some((path) => existsSync(path));

/** The same wherever the data is kept: PostgreSQL is there before anything is stored. */
export const hasData = ({ dataDir, database }: Pick<Config, 'dataDir' | 'database'>): boolean =>
  database !== undefined || hasStored(dataDir);

/**
 * The name of this data directory on this machine, stable across starts: `<host>.<random>`. Machines differ, even with
 * the same host name or a copied directory.
 */
export const placeName = (dataDir: string): string => {
  const path = placePath(dataDir);
  if (!existsSync(path)) writeWhole(path, `${randomUUID().slice(0, 13)}\n`);
  return `${hostname()}.${readFileSync(path, 'utf8').trim()}`;
};

/** `standby`: a second bot on a data directory, which a supervisor runs beside the first one. */
export type Role = 'start' | 'bot' | 'standby' | 'worker';

/** Whether a process of that role keeps promises. */
export const runsPromises = (role: Role): boolean => role === 'start' || role === 'worker';

/** The lock of the process that answers: one bot per data directory. */
export const BOT_LOCK = 'kept';
export const STANDBY_LOCK = 'standby';
/** Whether a lock is that of a process that answers people, or stands by for it. */
export const isBotLock = (lock: string): boolean => lock === BOT_LOCK || lock === STANDBY_LOCK;
/** Each worker has its own lock. It is not named by PID: in containers, every process has PID 1. */
const WORKER_LOCK = `worker-${randomUUID().slice(0, 8)}`;
export const lockName = (role: Role): string => (role === 'worker' ? WORKER_LOCK : role === 'standby' ? STANDBY_LOCK : BOT_LOCK);

/** The process that is asked as the bot: where it is away, the one that stands by. */
export const botOf = <L extends { readonly role: string }>(locks: readonly L[]): L | undefined =>
  locks.find(({ role }) => role === BOT_LOCK) ?? locks.find(({ role }) => isBotLock(role));

/** Every file in the data directory that later starts write to again. */
export const dataFiles = (dataDir: string): readonly string[] => [
  ...['', '-wal', '-shm'].map((end) => databasePath(dataDir) + end),
  databaseMarkPath(dataDir),
  placePath(dataDir),
  ...[BOT_LOCK, STANDBY_LOCK].map((lock) => infoPath(dataDir, lock)),
  ...[BOT_LOCK, STANDBY_LOCK].flatMap((lock) => ['lock', 'pid'].map((end) => join(dataDir, `${lock}.${end}`))),
  logPath(dataDir),
];
