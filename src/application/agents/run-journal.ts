import type { RunStep } from '../../domain/agent/run-step.ts';
import type { RunJournal } from '../../ports/run-journal.ts';

/** A journal that lasts as long as its run: for runs that nobody goes on with. */
export const makeVolatileJournal = (): RunJournal => {
  const steps: RunStep[] = [];
  return {
    steps: () => steps,
    earlierActs: [],
    isReplaying: () => false,
    take: () => undefined,
    add: (step) => void steps.push(step),
    flush: () => Promise.resolve(),
    callKey: () => undefined,
  };
};
