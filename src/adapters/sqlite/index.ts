export { openSqliteEngine } from './engine.ts';
export type { SqliteStorageOptions } from './storage.ts';
