import { lineExcerpt } from '../shared/excerpt.ts';
import { labelsInWords } from '../trust/labels.ts';
import { withoutAdvice } from './advice.ts';
import { endInWords } from './call-end.ts';
import { isFollowedUp, NO_MODEL, type RecordedCall, type RunStep, type ToolStep } from './run-step.ts';

/**
 * The tool by which an agent ends its run as not done: a call of it has no result. Only the run of a promise offers it.
 */
export const FAILURE_TOOL = 'report_failure';

/** The longest reason in a line, in UTF-16 units. */
const MAX_REASON_LENGTH = 300;

/**
 * The steps of a run, a line each, and a line for each call that has no step. A call that has begun and has no result
 * yet is one whose outcome is not known.
 */
export const stepsInWords = (steps: readonly RunStep[]): readonly string[] =>
  steps
    .flatMap((step, at) => {
      const next = steps[at + 1];
      const lines = linesOf(step, steps.slice(at + 1));
      return next === undefined || next.kind === 'model' ? [...lines, ...unfinishedIn(steps.slice(0, at + 1), next === undefined)] : lines;
    })
    .map((words, at) => `Step ${at + 1}: ${words}.`);

const linesOf = (step: RunStep, later: readonly RunStep[]): readonly string[] => {
  switch (step.kind) {
    case 'model':
      return step.model === NO_MODEL ? [] : [`${step.model} replied${callsOf(step.calls.length)}, ${step.durationMs} ms`];
    case 'tool': {
      return [
        `${step.tool}: ${endInWords(step)}${step.outcome === 'refused' ? because(step.output) : ''}, ${step.durationMs} ms${sourceIn(step)}`,
      ];
    }
    case 'intent':
      return isFollowedUp(step, later) ? [] : [`${step.tool}: begun, without a result`];
  }
};

/** The calls of the last reply of these steps that have no step. */
const unfinishedIn = (steps: readonly RunStep[], isLast: boolean): readonly string[] => {
  const from = steps.findLastIndex(({ kind }) => kind === 'model');
  const reply = steps[from];
  if (reply?.kind !== 'model') return [];
  const begun = new Set(steps.slice(from + 1).flatMap((step) => (step.kind === 'model' ? [] : [step.call])));
  return reply.calls.flatMap((call, at) => (begun.has(at) ? [] : [unfinished(call, isLast)]));
};

const unfinished = ({ tool, input, refusal }: RecordedCall, isLast: boolean): string => {
  if (refusal !== undefined) return `${tool}: refused${because(refusal)}`;
  if (tool === FAILURE_TOOL) return `${tool}: ended the run as not done${because(reasonIn(input))}`;
  return `${tool}: without a result: the run ${isLast ? 'is at it, or ended before it' : 'was ended before it, or during it'}`;
};

const reasonIn = (input: unknown): string => {
  const { reason } = typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
  return typeof reason === 'string' ? reason : '';
};

const because = (reason: string): string => {
  const words = lineExcerpt(withoutAdvice(reason), MAX_REASON_LENGTH).replace(/\.$/, '');
  return words === '' ? '' : ` (${words})`;
};

const sourceIn = ({ provenance }: ToolStep): string => {
  const labels = provenance?.labels.filter((label) => label !== 'agent') ?? [];
  return labels.length === 0 ? '' : `, from ${labelsInWords(labels)}`;
};

const callsOf = (count: number): string => (count === 0 ? '' : `, with ${count} tool call${count === 1 ? '' : 's'}`);
