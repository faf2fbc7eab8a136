export { openPostgresEngine, type PostgresEngineOptions } from './engine.ts';
export { placeOf } from './place.ts';
