export type { PostgresSql, PostgresTransaction } from './postgres/sql.ts';
export { type Dispatch, openPostgresStorage, type PostgresStorage } from './postgres/storage.ts';
export { openSqliteStorage, type SqliteStorage } from './sqlite/storage.ts';
export type { Query, Sql, SqlValue, Transaction } from './stores/sql.ts';
