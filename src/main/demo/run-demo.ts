import { tmpdir } from 'node:os';
import { reasonOf } from '../../ports/index.ts';
import { makeNote } from './log.ts';
import { type DemoSite, makeDemoSite } from './site.ts';
import { makeStage, type Stage, type StageOptions, StepError } from './stage.ts';
import type { LocalServer } from './stand-ins/local-server.ts';
import { startNotion } from './stand-ins/notion.ts';
import { startWebSearch } from './stand-ins/web-search.ts';
import { STEPS, type Step } from './steps.ts';

export interface DemoOptions {
  /** Leaves the directory where it is. */
  readonly keep: boolean;
  /** Ends the demonstration early. */
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  /** Default: all of them. */
  readonly steps?: readonly Step[];
  /** How Kept is started. */
  readonly start?: StageOptions;
}

/**
 * Shows every agent and tool at work, on the rehearsal model, against stand-ins on this machine, in a directory of its
 * own. Resolves to the number of steps that failed; one that is cut by `signal` is none of them. Each step is tried,
 * whatever became of those before it. Rejects with StepError if there is no place for the directory.
 */
export const runDemo = async (options: DemoOptions): Promise<number> => {
  const standIns: LocalServer[] = [];
  const begun = async (start: () => Promise<LocalServer>): Promise<string> => {
    const server = await start();
    standIns.push(server);
    return server.url;
  };
  try {
    return await runIn(await makeSite(await begun(startNotion), await begun(startWebSearch)), options);
  } finally {
    await Promise.all(standIns.map((server) => server.close()));
  }
};

const makeSite = (notionUrl: string, searchUrl: string): Promise<DemoSite> =>
  makeDemoSite({ notionUrl, searchUrl }).catch((error: unknown) => {
    const fix = 'set TMPDIR to a directory that can be written and has room';
    throw new StepError(`the demonstration can't have its files in ${tmpdir()} (${reasonOf(error)}): ${fix}`, { cause: error });
  });

const runIn = async (site: DemoSite, { keep, signal, print, steps = STEPS, start }: DemoOptions): Promise<number> => {
  const note = makeNote(site.logFile, print);
  const tell = (line: string): void => {
    note(line);
    print(line);
  };
  const stage = makeStage(site, note, start);
  let failed = 0;
  try {
    print(`The demonstration runs in ${site.root}. To follow all of it:\n  tail -f ${site.logFile}\n`);
    await unlessEnded(() => stage.start(), signal);
    for (const [at, step] of steps.entries()) {
      if (signal.aborted) break;
      if (!(await shown(step, stage, `${at + 1}/${steps.length}`, signal, tell)) && !signal.aborted) failed++;
    }
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    if (!signal.aborted) {
      tell(error.message);
      failed++;
    }
  } finally {
    await stage.close();
  }
  if (keep || failed > 0) {
    await site.leave();
    print(`\nIts files are left in ${site.root}`);
  } else await site.remove();
  return failed;
};

/** Does the work; rejects as soon as `signal` aborts. */
const unlessEnded = async (work: () => Promise<void>, signal: AbortSignal): Promise<void> => {
  const early = Promise.withResolvers<never>();
  const end = (): void => early.reject(new StepError('it was ended early'));
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    await Promise.race([early.promise, ...(signal.aborted ? [] : [work()])]);
  } finally {
    signal.removeEventListener('abort', end);
  }
};

const shown = async (step: Step, stage: Stage, place: string, signal: AbortSignal, tell: (line: string) => void): Promise<boolean> => {
  const startedAt = performance.now();
  const took = (): string => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  try {
    await unlessEnded(() => step.run(stage), signal);
    tell(`${place} ok      ${step.title} (${took()})`);
    return true;
  } catch (error) {
    if (signal.aborted) tell(`${place} cut     ${step.title} (${took()})`);
    else tell(`${place} FAILED  ${step.title} (${took()}): ${reasonOf(error)}`);
    return false;
  }
};
