export type { Query, Sql, SqlValue, Transaction } from './sql.ts';
