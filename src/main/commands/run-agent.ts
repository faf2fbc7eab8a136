import { constants } from 'node:os';
import { makeGrowingText } from '../../adapters/terminal/index.ts';
import type { AloneRun } from '../../application/index.ts';
import type { Agent, KeptEvent, Scope, Usage } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { AppContext } from '../container.ts';
import { CommandError, printError } from '../failures.ts';
import { keepAlive } from '../keep-alive.ts';
import { logContentIfAsked } from '../log-contents.ts';
import { TOKENS } from '../tokens.ts';
import { trackStats } from '../track-stats.ts';

/** One step of a run, for programs. */
export type RunStep =
  | {
      readonly kind: 'model';
      readonly model: string;
      readonly stop: string;
      readonly toolCalls: number;
      readonly usage: Usage;
      readonly durationMs: number;
    }
  | { readonly kind: 'tool'; readonly tool: string; readonly isError: boolean; readonly durationMs: number };

export interface ShownRun {
  readonly run: AloneRun;
  readonly steps: readonly RunStep[];
}

/**
 * Runs an agent in this process, beside the chats. On a terminal, its text is shown while it grows, and what its tools
 * do on standard error; in a pipe, standard output gets the answer alone; `quiet` shows nothing. Rejects with the
 * reason of `signal` if that ends the run.
 */
export const runAgentHere = async (
  root: AppContext,
  asked: { readonly agent: Agent; readonly text: string; readonly scope: Scope; readonly mayDecide: boolean },
  { signal, quiet }: { readonly signal: AbortSignal; readonly quiet: boolean },
): Promise<ShownRun> => {
  const [runAlone, events] = [await root.get(TOKENS.runAlone), await root.get(TOKENS.events)];
  await trackStats(root, { counts: false });
  await logContentIfAsked(root);
  const steps: RunStep[] = [];
  const off = events.on((event) => {
    const step = stepOf(event);
    if (step) steps.push(step);
  });
  const shown = makeGrowingText((text) => void process.stdout.write(text));
  const streams = !quiet && process.stdout.isTTY === true;
  try {
    const run = await runAlone({
      ...asked,
      signal,
      ...present({ onDraft: streams ? shown.grow : undefined }),
      onTool: ({ name, activity }) => {
        if (quiet) return;
        if (streams) shown.pause();
        printError(`… ${activity} (${name})`);
      },
    });
    if (!quiet) shown.end(run.text);
    return { run, steps };
  } catch (error) {
    if (streams) shown.pause();
    throw signal.aborted ? signal.reason : error;
  } finally {
    off();
  }
};

const stepOf = (event: KeptEvent): RunStep | undefined => {
  if (event.type === 'model-responded') {
    const { model, stop, toolCalls, usage, durationMs } = event;
    return { kind: 'model', model, stop, toolCalls, usage, durationMs };
  }
  if (event.type !== 'tool-called') return undefined;
  const { tool, isError, durationMs } = event;
  return { kind: 'tool', tool, isError, durationMs };
};

/** The exit code is 128 and the number of the signal, as shells have it. */
const interruptedBy = (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): CommandError =>
  new CommandError('interrupted, and nothing was decided', 'command/interrupted', 128 + constants.signals[signal]);

/**
 * Gives `action` a signal that aborts on Ctrl-C and the like, with the error to end with. A second one ends at once.
 */
export const untilInterrupted = async <T>(action: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const interrupted = new AbortController();
  const listeners = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => {
    const listener = (): void => {
      const error = interruptedBy(name);
      if (interrupted.signal.aborted) process.exit(error.exitCode);
      interrupted.abort(error);
    };
    process.on(name, listener);
    return { name, listener };
  });
  try {
    return await keepAlive(action(interrupted.signal));
  } finally {
    for (const { name, listener } of listeners) process.off(name, listener);
  }
};
