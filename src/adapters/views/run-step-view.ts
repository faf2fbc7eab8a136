import { handedOn } from '../../domain/agent/call-end.ts';
import { isFollowedUp } from '../../domain/agent/run-step.ts';
import { excerpt, type IntentStep, type ModelStep, type RunStep, type ToolStep } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import { iso } from './iso.ts';

/** How much of a text is shown, in UTF-16 units. */
const SHOWN_LENGTH = 500;

/**
 * The steps of a run as JSON, in their order: each reply of a model, and each call of a tool. A call that has begun and
 * has no result yet has the outcome `unknown`.
 */
export const runStepViews = (steps: readonly RunStep[]): readonly RunStepView[] =>
  steps.flatMap((step, at) => viewOf(step, steps.slice(at + 1)) ?? []);

const viewOf = (step: RunStep, later: readonly RunStep[]): RunStepView | undefined => {
  switch (step.kind) {
    case 'model':
      return modelView(step);
    case 'tool':
      return toolView(step);
    case 'intent':
      return isFollowedUp(step, later) ? undefined : intentView(step);
  }
};

type RunStepView = ReturnType<typeof modelView> | ReturnType<typeof toolView> | ReturnType<typeof intentView>;

const modelView = ({ at, model, usage, stop, text, calls, durationMs }: ModelStep) => ({
  kind: 'model' as const,
  at: iso(at),
  model,
  stop,
  ...present({ text: text === '' ? undefined : excerpt(text, SHOWN_LENGTH) }),
  toolCalls: calls.length,
  usage,
  durationMs,
});

/** A call that its turn handed on did not run there: `asked` where a person has to approve it, else `promised`. */
const outcomeOf = (step: Pick<ToolStep, 'tool' | 'decisions' | 'outcome' | 'approvalId' | 'standingId'>) => {
  const handed = handedOn(step);
  const became = handed && (handed.approvalId === undefined ? ('promised' as const) : ('asked' as const));
  const { approvalId, standingId } = step;
  return { outcome: became ?? step.outcome, ...present({ approvalId, standingId }), ...handed };
};

const toolView = (step: ToolStep) => ({
  kind: 'tool' as const,
  at: iso(step.at),
  tool: step.tool,
  ...present({ effect: step.effect }),
  input: excerpt(JSON.stringify(step.input) ?? '', SHOWN_LENGTH),
  output: excerpt(step.output, SHOWN_LENGTH),
  isError: step.isError,
  ...outcomeOf(step),
  ...present({ labels: step.provenance?.labels }),
  durationMs: step.durationMs,
});

const intentView = ({ at, tool }: IntentStep) => ({
  kind: 'tool' as const,
  at: iso(at),
  tool,
  effect: 'acts' as const,
  outcome: 'unknown' as const,
});
