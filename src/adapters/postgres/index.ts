export { type Boss, openBoss } from './jobs/boss.ts';
export { type Healing, startHealing } from './jobs/healing.ts';
export { makeBossQueue } from './jobs/queue.ts';
export type { PostgresSql, PostgresTransaction } from './sql.ts';
export { type Dispatch, openPostgresStorage, type PostgresStorage } from './storage.ts';
