import { isFollowedUp, type RunStep } from './run-step.ts';

/** The steps of a run, a line each. A call that has begun and has no result yet is one whose outcome is not known. */
export const stepsInWords = (steps: readonly RunStep[]): readonly string[] =>
  steps.flatMap((step, at) => inWords(step, steps.slice(at + 1)) ?? []).map((words, at) => `Step ${at + 1}: ${words}.`);

const inWords = (step: RunStep, later: readonly RunStep[]): string | undefined => {
  switch (step.kind) {
    case 'model':
      return `${step.model} replied${callsOf(step.calls.length)}, ${step.durationMs} ms`;
    case 'tool': {
      const end = step.outcome === 'done' ? (step.isError ? 'failed' : 'done') : step.outcome;
      return `${step.tool}: ${end}, ${step.durationMs} ms`;
    }
    case 'intent':
      return isFollowedUp(step, later) ? undefined : `${step.tool}: begun, without a result`;
  }
};

const callsOf = (count: number): string => (count === 0 ? '' : `, with ${count} tool call${count === 1 ? '' : 's'}`);
