import type { AllowedBy, ApprovalId } from '../approval/approval.ts';
import type { LedgerEntry } from '../budget/ledger.ts';
import type { ToolCall } from '../conversation/conversation.ts';
import type { Decision } from '../conversation/decision.ts';
import { addUsage, NO_USAGE, type Usage } from '../conversation/turn.ts';
import { type Brand, InvalidValueError } from '../shared/brand.ts';
import type { Provenance } from '../trust/labels.ts';
import { ADVICE } from './advice.ts';

/** Names one run: an agent's work on one turn or on one promise, however many processes do it. */
export type RunId = Brand<string, 'RunId'>;

export const runId = (raw: string): RunId => {
  if (!/^[\w-]{1,64}$/.test(raw)) throw new InvalidValueError(`not the id of a run: ${raw.slice(0, 60)}`);
  return raw as RunId;
};

/** A call as the journal keeps it: redacted. */
export interface RecordedCall extends ToolCall {
  /** Why it is not run, in words for the model. */
  readonly refusal?: string;
  /** Its arguments held a secret, which is not kept: what is kept can't be run. */
  readonly isRedacted?: true;
}

/** Stands for a model in the run of a promise that is one call: Kept itself makes that call. */
export const NO_MODEL = 'kept';

/** A reply of a model. */
export interface ModelStep {
  readonly kind: 'model';
  /** When it came, in ms since 1970. */
  readonly at: number;
  readonly durationMs: number;
  readonly model: string;
  readonly usage: Usage;
  readonly stop: 'end' | 'tool_calls' | 'length' | 'refusal';
  readonly text: string;
  readonly calls: readonly RecordedCall[];
  /** What the model declined, in its maker's words. */
  readonly refusal?: string;
  /** The model failed before its end, and the text is what had arrived. */
  readonly brokeOff?: true;
  /** What was paid for it: calls that failed before it are among them. */
  readonly spent?: readonly LedgerEntry[];
}

/** A tool is about to act: recorded before it begins. */
export interface IntentStep extends AllowedBy {
  readonly kind: 'intent';
  readonly at: number;
  /** Which of the reply's calls it is, from 0. */
  readonly call: number;
  readonly tool: string;
  readonly callKey?: string;
  /** As in `ToolStep`. */
  readonly chosen?: number;
}

/** The result of one call, and whose yes let it run. */
export interface ToolStep extends AllowedBy {
  readonly kind: 'tool';
  readonly at: number;
  readonly durationMs: number;
  readonly call: number;
  readonly tool: string;
  readonly callKey?: string;
  readonly effect?: 'reads' | 'decides' | 'acts';
  readonly input: unknown;
  readonly output: string;
  readonly isError: boolean;
  /**
   * `refused`: it was not run. `unknown`: the process ended during the call, or the tool can't tell; it may have taken
   * effect.
   */
  readonly outcome: 'done' | 'refused' | 'unknown';
  /** Of an outcome that is unknown: the process ended during the call. */
  readonly isInterrupted?: true;
  /** What was paid for it. */
  readonly spent?: readonly LedgerEntry[];
  /** How much of the run's free choices was used up by then; see `Shown.mayChoose`. Absent: nothing. */
  readonly chosen?: number;
  /** What it added to the decisions of the turn. */
  readonly decisions?: readonly Decision[];
  /** Where the output comes from. */
  readonly provenance?: Provenance;
}

/** One step of a run, as the journal keeps it. */
export type RunStep = ModelStep | IntentStep | ToolStep;
export type RunStepOf<Kind extends RunStep['kind']> = Extract<RunStep, { readonly kind: Kind }>;

/** What the replies among these steps used. */
export const usageOf = (steps: readonly RunStep[]): Usage =>
  steps.reduce((sum, step) => (step.kind === 'model' ? addUsage(sum, step.usage) : sum), NO_USAGE);

/** What was paid for in these steps. */
export const spentIn = (steps: readonly RunStep[]): readonly LedgerEntry[] =>
  steps.flatMap((step) => (step.kind === 'intent' ? [] : (step.spent ?? [])));

/** How much of its free choices a run with these steps has used up. */
export const chosenIn = (steps: readonly RunStep[]): number =>
  Math.max(0, ...steps.map((step) => (step.kind === 'model' ? 0 : (step.chosen ?? 0))));

/** What became of one call of a tool that acts. */
export type DoneAct = Pick<ToolStep, 'tool' | 'input' | 'output' | 'outcome' | 'isInterrupted'> & Partial<Pick<ToolStep, 'isError'>>;

/** What tools that act have done: a call that has begun and has no result counts, with an outcome that is not known. */
export const actsIn = (steps: readonly RunStep[]): readonly DoneAct[] =>
  steps.flatMap((step, at): readonly DoneAct[] => {
    if (step.kind === 'tool') return step.effect === 'acts' ? [step] : [];
    if (!isOpenIntent(step, at, steps)) return [];
    const reply = steps.slice(0, at).findLast((each) => each.kind === 'model');
    const input = reply?.kind === 'model' ? reply.calls[step.call]?.input : undefined;
    return [{ tool: step.tool, input, output: '', outcome: 'unknown', isInterrupted: true }];
  });

/** Whose yes let calls run that have begun and have no result. */
export const approvalsBegun = (steps: readonly RunStep[]): readonly ApprovalId[] =>
  steps.flatMap((step, at) => (isOpenIntent(step, at, steps) ? (step.approvalId ?? []) : []));

const isOpenIntent = (step: RunStep, at: number, steps: readonly RunStep[]): step is IntentStep =>
  step.kind === 'intent' && !isFollowedUp(step, steps.slice(at + 1));

/** Whether the call has a result, or was begun once more, before the next reply. */
export const isFollowedUp = ({ call }: IntentStep, later: readonly RunStep[]): boolean => {
  const end = later.findIndex(({ kind }) => kind === 'model');
  return later.slice(0, end < 0 ? later.length : end).some((step) => step.kind !== 'model' && step.call === call);
};

const MAX_NAMED = 5;

/** What a model is told of a call during which the process ended. */
export const interruptedOutput = (tool: string): string =>
  `The process ended while ${tool} ran. Whether it took effect is not known, and it was not run again. ${ADVICE.interrupted}`;

/** What people are told of calls whose outcome is not known; empty where there are none. */
export const unknownActsNote = (steps: readonly RunStep[]): string => {
  const unknown = actsIn(steps).filter(({ outcome }) => outcome === 'unknown');
  const interrupted = unknown.filter(({ isInterrupted }) => isInterrupted);
  const byTool = unknown.filter(({ isInterrupted }) => !isInterrupted);
  return [
    noteOf(interrupted, (tools) => `Kept was interrupted while it ran ${tools}. Whether that ${NOT_KNOWN}`),
    noteOf(byTool, (tools) => `There was no answer of ${tools} that tells what happened. Whether that ${NOT_KNOWN}`),
  ]
    .filter((note) => note !== '')
    .join(' ');
};
const NOT_KNOWN = 'took effect is not known, and it was not run again: please check.';

const noteOf = (acts: readonly DoneAct[], words: (tools: string) => string): string => {
  const tools = [...new Set(acts.map(({ tool }) => tool))];
  if (tools.length === 0) return '';
  const more = tools.length > MAX_NAMED ? ` and ${tools.length - MAX_NAMED} more` : '';
  return `(${words(`${tools.slice(0, MAX_NAMED).join(', ')}${more}`)})`;
};
