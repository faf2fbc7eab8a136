import { join } from 'node:path';

/** What stands in the data directory, and under which names. */
export const databasePath = (dataDir: string): string => join(dataDir, 'system.db');
/** What the running bot has told of itself. */
export const infoPath = (dataDir: string): string => join(dataDir, 'kept.json');
export const logPath = (dataDir: string): string => join(dataDir, 'logs', 'kept.log');

export type Role = 'start' | 'bot' | 'worker';

/** The lock of whoever answers: one bot on a data directory. Workers have one each, so there may be any number. */
export const BOT_LOCK = 'kept';
export const lockName = (role: Role): string => (role === 'worker' ? `worker-${process.pid}` : BOT_LOCK);
