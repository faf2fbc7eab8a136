/**
 * What a start costs: the version, and `kept start` until it serves, without Telegram or traces, here and in another
 * checkout of the repository, such as that of an earlier commit, in turns.
 *
 * `npm run bench:start -- <directory>` takes some minutes and writes to `RESULTS.md`. KEPT_BENCH_ROUNDS (default 12)
 * sets the size.
 */
import { execFile, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makeSite } from '../test/support/kept-process.ts';
import { LEAST_ROUNDS, measureRounds, type Ratio, ratioOf, ratioWords, verdictOf } from './in-turns.ts';
import { usageOf } from './process-usage.ts';
import { median } from './promises/bars.ts';
import { circumstances, writeSection } from './results.ts';
import { table } from './table.ts';

interface Start {
  readonly versionMs: number;
  readonly servesMs: number;
  readonly cpuMs: number;
  readonly memoryMiB: number;
}

const FIGURES: readonly (readonly [keyof Start, string])[] = [
  ['versionMs', '`kept --version`, ms'],
  ['servesMs', '`kept start` until it serves, ms'],
  ['cpuMs', 'processor time until then, ms'],
  ['memoryMiB', 'memory two seconds later, MiB'],
];

/** After this time, what comes right behind the start is over. */
const REST_MS = 2_000;
/** "As before": a twentieth more can't be told from the noise of a machine. */
const BAR = 1.05;

const startIn = async (directory: string): Promise<Start> => {
  const program = join(directory, 'src/main/kept.ts');
  const asked = performance.now();
  await promisify(execFile)(process.execPath, [program, '--version']);
  const versionMs = performance.now() - asked;
  const site = await makeSite({ KEPT_MODELS: 'rehearsal' });
  try {
    const since = performance.now();
    const child = fork(program, ['start'], { cwd: site.root, env: site.env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const exited = once(child, 'exit').then(() => undefined);
    try {
      if (!(await Promise.race([once(child, 'message'), exited]))) throw new Error(`kept start failed in ${directory}`);
      const servesMs = performance.now() - since;
      const { cpuMs } = await usageOf(child.pid ?? 0);
      await wait(REST_MS);
      const { memoryMiB } = await usageOf(child.pid ?? 0);
      return { versionMs, servesMs, cpuMs, memoryMiB };
    } finally {
      child.kill();
      await exited;
    }
  } finally {
    await site.remove();
  }
};

const commitOf = (directory: string): string =>
  execFileSync('git', ['-C', directory, 'log', '-1', '--format=%h, %cs'], { encoding: 'utf8' }).trim();

if (import.meta.main) {
  const [given] = process.argv.slice(2);
  if (given === undefined) throw new Error('usage: npm run bench:start -- <directory of another checkout, with its node_modules>');
  const [here, other] = [fileURLToPath(new URL('..', import.meta.url)), resolve(given)];
  const rounds = Number(process.env.KEPT_BENCH_ROUNDS ?? 12);
  if (!(rounds >= LEAST_ROUNDS)) throw new Error(`KEPT_BENCH_ROUNDS has to be ${LEAST_ROUNDS} or more`);
  const [then = [], again = [], now = []] = await measureRounds([other, other, here], rounds, startIn);
  const rows = FIGURES.map(([figure, what]): readonly [string, ...(string | number)[]] => {
    const column = (starts: readonly Start[]): readonly number[] => starts.map((start) => start[figure]);
    const compared = (starts: readonly Start[]): Ratio => ratioOf(column(starts), column(then));
    const ours = compared(now);
    return [what, median(column(then)), median(column(now)), ratioWords(ours), ratioWords(compared(again)), verdictOf(ours, BAR)];
  });
  const results = table(['', 'there', 'here', 'ratio', 'there again: noise', `≤ ${BAR}`], rows);
  const when = await circumstances([]);
  console.log(`${results}\n\n${when}`);
  await writeSection(
    'A start, here and in an earlier commit',
    `\`npm run bench:start -- <directory>\`, ${when}

${results}

"There" is a checkout of an earlier commit (${commitOf(other)}), on the same machine; "here" is this one. Both start from
their TypeScript, with an empty data directory on SQLite, with their own answers in place of a model, without Telegram and
without traces. They take turns, ${rounds} rounds after one that does not count; the middle ones are shown, and ratios with
the intervals that hold the true ones at least 95 of 100 times. A start is as before (at most ${BAR} of it) where the whole
interval is below: met; where all of it is above: not met; else it is not decided.`,
  );
}
