export { probePostgres, probeSqlite } from './database.ts';
export { probeDirectory } from './directory.ts';
export { probeModels } from './models.ts';
