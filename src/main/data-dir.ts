import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

/** What stands in the data directory, and under which names. */
export const databasePath = (dataDir: string): string => join(dataDir, 'system.db');
/** What the running bot has told of itself. */
export const infoPath = (dataDir: string): string => join(dataDir, 'kept.json');
export const logPath = (dataDir: string): string => join(dataDir, 'logs', 'kept.log');

export type Role = 'start' | 'bot' | 'worker';

/** The lock of whoever answers: there is one bot on a data directory. */
export const BOT_LOCK = 'kept';
/** Workers have a lock each, so that there may be any number. Not by PID: in containers, every process is number 1. */
const WORKER_LOCK = `worker-${randomUUID().slice(0, 8)}`;
export const lockName = (role: Role): string => (role === 'worker' ? WORKER_LOCK : BOT_LOCK);
