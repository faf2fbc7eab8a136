export { openSqliteStorage, type SqliteStorage } from './sqlite/storage.ts';
export type { Query, Sql, SqlValue, Transaction } from './stores/sql.ts';
