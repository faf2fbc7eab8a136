export { makePostgresBackups } from './backup.ts';
export { openPostgresEngine, type PostgresEngineOptions } from './engine.ts';
export { inspectPostgres, type PostgresState } from './inspect.ts';
export { placeOf } from './place.ts';
export { withScratchDatabase } from './scratch-database.ts';
export { timeOfPostgres } from './time-of-postgres.ts';
export { lookAtPostgresUpgrade, type PostgresUpgrade } from './upgrade.ts';
