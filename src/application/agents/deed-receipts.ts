import type { DoneAct, RunStepOf } from '../../domain/agent/run-step.ts';
import { type Deed, deedsOfTool, isLook } from '../../domain/claims/deed.ts';
import type { DeedBacking, Receipt } from '../../domain/claims/deed-backing.ts';
import { type ConversationStep, hasMedia } from '../../domain/conversation/conversation.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import type { AgentRun, RunRequest } from './run-agent.ts';

/** A text of this length is something to look through. */
const LONG = 1_500;
const MAX_INPUT_LENGTH = 2_000;

/**
 * What stands behind an answer's claims of deeds: the calls of its run that worked, those that an earlier process or an
 * earlier run for the same promise made, and what the conversation shows of earlier turns.
 */
export const receiptsOf = (run: AgentRun, { conversation, context, journal }: RunRequest): DeedBacking => {
  const isTurn = context.draft !== undefined;
  const steps = journal?.steps() ?? run.journal;
  const done = steps.filter((step): step is RunStepOf<'tool'> => step.kind === 'tool').filter((step) => hasWorked(step, isTurn));
  return {
    done: [...[...(journal?.earlierActs ?? []).filter(hasActed), ...done].map(receiptOf), ...savedIn(conversation)],
    ...toldIn(conversation),
  };
};

/** The same for a part of an answer that broke off, with the steps of its run so far. */
export const receiptsOfPart = (steps: readonly ConversationStep[]): DeedBacking => ({
  ...toldIn(steps),
  done: toldIn(steps).earlier,
  earlier: [],
});

/** Nothing acts while a message is answered: such a call has become a promise, or waits for an approval. */
const hasWorked = ({ outcome, isError, effect, output }: RunStepOf<'tool'>, isTurn: boolean): boolean =>
  outcome === 'done' && !isError && !(isTurn && effect === 'acts') && !ONLY_ASKED.test(output);

const hasActed = ({ outcome, isError }: DoneAct): boolean => outcome === 'done' && isError !== true;

/** The link that a message brings is saved as it is received. */
const savedIn = (conversation: readonly ConversationStep[]): readonly Receipt[] => {
  const asked = conversation.findLast((step) => step.role === 'person' && !step.note);
  return asked?.role === 'person' && /https?:\/\//i.test(asked.text) ? [{ deeds: new Set<Deed>(['save']), words: asked.text }] : [];
};

type Called = Pick<DoneAct, 'tool' | 'input' | 'output'> & Partial<Pick<RunStepOf<'tool'>, 'effect' | 'provenance'>>;

const receiptOf = ({ tool, input, output, effect, provenance }: Called): Receipt => ({
  deeds: new Set([
    ...[...deedsOfTool(tool)].filter((deed) => effect !== 'reads' || isLook(deed)),
    ...(provenance?.labels ?? []).flatMap((label) => LOOK_OF[label] ?? []),
  ]),
  words: `${excerpt(JSON.stringify(input) ?? '', MAX_INPUT_LENGTH)}\n${output}`,
});

/** A tool whose name tells nothing is known by where its output comes from. */
const LOOK_OF: Readonly<Record<string, readonly Deed[]>> = { web: ['web'], notion: ['notion'], file: ['files'] };

/** A call that waits for an approval, or has become a promise, says so in its result; any tool may be held so. */
const ONLY_ASKED = /^(?:Approval|Promise) #\d+ is (?:asked|made) .{0,60}exactly this call/;

const toldIn = (conversation: readonly ConversationStep[]): Omit<DeedBacking, 'done'> => {
  const calls = new Map(
    conversation.flatMap((step) => (step.role === 'agent' ? step.toolCalls.map(({ id, input }) => [id, input] as const) : [])),
  );
  const people = conversation.flatMap((step) => (step.role === 'person' && !step.note ? [step] : []));
  return {
    earlier: conversation.flatMap((step) =>
      step.role === 'tool' && !step.isError && !ONLY_ASKED.test(step.output) ? [receiptOf({ ...step, input: calls.get(step.callId) })] : [],
    ),
    said: conversation.flatMap((step) => (step.role === 'agent' && step.text !== '' ? [step.text] : [])),
    heard: people.map(({ text }) => text),
    showsFiles: people.some(({ text }) => text.length > LONG || text.includes('```')) || conversation.some(hasMedia),
  };
};
