export { makeSqliteBackups } from './backup.ts';
export { openSqliteEngine } from './engine.ts';
export { inspectSqlite, type SqliteState, setSqliteWal } from './inspect.ts';
export type { SqliteStorageOptions } from './storage.ts';
export { lookAtSqliteUpgrade, type SqliteUpgrade } from './upgrade.ts';
