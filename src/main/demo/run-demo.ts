import { appendFileSync } from 'node:fs';
import { makeDemoSite } from './site.ts';
import { makeStage, type Stage, StepError } from './stage.ts';
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
}

/**
 * Shows every agent and tool at work, on the rehearsal model, against stand-ins on this machine, in a directory of its
 * own. Resolves to the number of steps that failed; one that is cut by `signal` is none of them. Each step is tried,
 * whatever became of those before it.
 */
export const runDemo = async ({ keep, signal, print, steps = STEPS }: DemoOptions): Promise<number> => {
  const [notion, search] = await Promise.all([startNotion(), startWebSearch()]);
  const site = await makeDemoSite({ notionUrl: notion.url, searchUrl: search.url });
  const tell = (line: string): void => {
    appendFileSync(site.logFile, `${line}\n`);
    print(line);
  };
  const stage = makeStage(site);
  let failed = 0;
  try {
    print(`The demonstration runs in ${site.root}. To follow all of it:\n  tail -f ${site.logFile}\n`);
    await stage.start();
    for (const [at, step] of steps.entries()) {
      if (signal.aborted) break;
      if (!(await shown(step, stage, `${at + 1}/${steps.length}`, signal, tell)) && !signal.aborted) failed++;
    }
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    tell(error.message);
    failed++;
  } finally {
    await stage.close();
    await Promise.all([notion.close(), search.close()]);
  }
  if (keep || failed > 0) print(`\nIts files are left in ${site.root}`);
  else await site.remove();
  return failed;
};

const shown = async (step: Step, stage: Stage, place: string, signal: AbortSignal, tell: (line: string) => void): Promise<boolean> => {
  const early = Promise.withResolvers<never>();
  const end = (): void => early.reject(new StepError('it was ended early'));
  signal.addEventListener('abort', end, { once: true });
  const startedAt = performance.now();
  const took = (): string => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  try {
    await Promise.race([step.run(stage), early.promise]);
    tell(`${place} ok      ${step.title} (${took()})`);
    return true;
  } catch (error) {
    if (signal.aborted) tell(`${place} cut     ${step.title} (${took()})`);
    else tell(`${place} FAILED  ${step.title} (${took()}): ${error instanceof Error ? error.message : String(error)}`);
    return false;
  } finally {
    signal.removeEventListener('abort', end);
  }
};
