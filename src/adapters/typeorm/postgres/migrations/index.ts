import { InitialTables1763780400000 } from './1763780400000-initial-tables.ts';

/** Oldest first. One that was ever released is never changed: a later one amends it. */
export const MIGRATIONS = [InitialTables1763780400000];
export const MIGRATIONS_TABLE = 'schema_migrations';
