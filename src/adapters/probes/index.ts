export { type AskTime, type ClockOffset, readClockOffset, timeOf, timeOfPostgres } from './clock.ts';
export { probePostgres, probeSqlite } from './database.ts';
export { makeDiskProbe, makeLogProbe, requireRoom } from './disk.ts';
export { probeModels } from './models.ts';
export { probePerplexity } from './perplexity.ts';
