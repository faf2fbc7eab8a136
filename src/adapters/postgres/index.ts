export { timeOfPostgres } from './ask.ts';
export { openPostgresEngine, type PostgresEngineOptions } from './engine.ts';
export { inspectPostgres, type PostgresState } from './inspect.ts';
export { placeOf } from './place.ts';
