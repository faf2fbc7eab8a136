export { probePostgres, probeSqlite } from './database.ts';
export { makeDiskProbe, makeLogProbe, requireRoom } from './disk.ts';
export { probeModels } from './models.ts';
