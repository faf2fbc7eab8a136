export type { Query, Sql, SqlValue, Transaction } from './sql.ts';
export { openSqliteStorage, type SqliteStorage } from './storage.ts';
