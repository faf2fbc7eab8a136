import type { ChatId, MessageId } from '../chat/ids.ts';
import { type RepliedMessage, repliedFields, repliedInWords } from '../message/replied.ts';
import { present } from '../shared/present.ts';
import { type Provenance, provenanceFields } from '../trust/labels.ts';
import { type Media, tokensOfMedia } from './media.ts';
import type { TurnId } from './turn.ts';

export interface ToolCall {
  readonly id: string;
  readonly tool: string;
  readonly input: unknown;
}

/**
 * What a model wants back with a step of its own: its signed thoughts, for one. Goes to the model of that name alone,
 * as it came, within the run that it came in. Never stored, shown or logged; nobody else reads it.
 */
export interface Attached {
  /** `LanguageModel.name` of the model. */
  readonly by: string;
  readonly content: unknown;
}

/** One step of a conversation, as a model will see it. */
export type ConversationStep =
  | {
      readonly role: 'person';
      readonly name: string;
      readonly text: string;
      readonly messageId?: MessageId;
      readonly replied?: RepliedMessage;
      /** The files that came with it, in their order. Never stored. */
      readonly media?: readonly Media[];
      /**
       * Several people may speak where it was said, each under a name of their own: it is always told. Never stored.
       */
      readonly inGroup?: true;
      /** When it was said, in ms since 1970. Never stored: its entry has it. */
      readonly at?: number;
      /** It was said to others, in the agent's hearing: context, and no request. */
      readonly overheard?: true;
      /** Kept itself says it to the model, and no person. Never stored. */
      readonly note?: true;
      /** Whose words they are. Absent: that is not known. What it quotes, and its files, are labelled by themselves. */
      readonly provenance?: Provenance;
    }
  | {
      readonly role: 'agent';
      readonly text: string;
      readonly toolCalls: readonly ToolCall[];
      readonly attached?: Attached;
      /** What the agent had been shown when it said so. */
      readonly provenance?: Provenance;
    }
  | {
      readonly role: 'tool';
      readonly callId: string;
      readonly tool: string;
      readonly output: string;
      readonly isError: boolean;
      /** Where the output comes from. Absent: from Kept itself, or that is not known. */
      readonly provenance?: Provenance;
    };

/** What Kept itself tells the model, and nobody has said. */
export const noteOf = (text: string): ConversationStep => ({ role: 'person', name: 'Kept', text, note: true });

/** The steps without their files, which a model refused; a note behind each that had any says so. */
export const withoutMedia = (steps: readonly ConversationStep[]): ConversationStep[] =>
  steps.flatMap((step) => {
    if (!hasMedia(step)) return [step];
    const { media: _, ...rest } = step;
    return [rest, noteOf('(Note: you are not shown the files of the message above: the model did not take them.)')];
  });

export const hasMedia = (step: ConversationStep): step is Extract<ConversationStep, { role: 'person' }> =>
  step.role === 'person' && step.media !== undefined && step.media.length > 0;

/** What people or the agent said in their own words: not what is quoted, and nothing of tools. */
export const saidIn = (step: ConversationStep): string => (step.role === 'tool' ? '' : step.text);

/** A step as it is kept: in which chat, and when (ms since 1970). */
export interface ConversationEntry {
  readonly chatId: ChatId;
  readonly at: number;
  /** The turn that added it; absent for remembered messages and promise results. */
  readonly turnId?: TurnId;
  readonly step: ConversationStep;
}

/**
 * A rough count of tokens: four characters each, which errs on the high side for English and code, and those of its
 * files.
 */
export const tokensOf = (step: ConversationStep): number => {
  if (step.role === 'tool') return Math.ceil(step.output.length / 4);
  const calls = step.role === 'agent' ? JSON.stringify(step.toolCalls).length : 0;
  const replied = step.role === 'person' && step.replied ? repliedInWords(step.replied).length : 0;
  const media = step.role === 'person' ? (step.media ?? []).reduce((sum, file) => sum + tokensOfMedia(file), 0) : 0;
  return Math.ceil((step.text.length + calls + replied) / 4) + media;
};

/**
 * The newest steps that fit `maxSteps` and `maxTokens`, as a conversation that every model accepts: it never starts in
 * the middle of a tool exchange, and no tool call stands without its results.
 */
export const fitConversation = (
  steps: readonly ConversationStep[],
  limits: { readonly maxSteps: number; readonly maxTokens: number },
): ConversationStep[] => {
  let tokens = 0;
  let start = steps.length;
  while (start > 0 && steps.length - start < limits.maxSteps) {
    tokens += tokensOf(steps[start - 1] as ConversationStep);
    if (tokens > limits.maxTokens) break;
    start--;
  }
  return withoutOrphans(steps.slice(start));
};

/** Drops tool results whose call is gone, and tool calls whose results are not all there. */
export const withoutOrphans = (steps: readonly ConversationStep[]): ConversationStep[] => {
  const kept: ConversationStep[] = [];
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i] as ConversationStep;
    if (step.role === 'tool') continue;
    if (step.role === 'person' || step.toolCalls.length === 0) {
      kept.push(step);
      continue;
    }
    const results = resultsOf(step.toolCalls, steps.slice(i + 1));
    if (results) kept.push(step, ...results);
    else if (step.text !== '') kept.push({ ...step, toolCalls: [] });
  }
  return kept;
};

/** The result of each call, from the results that come first; undefined where one is missing. Calls may share an id. */
const resultsOf = (calls: readonly ToolCall[], next: readonly ConversationStep[]): ConversationStep[] | undefined => {
  const end = next.findIndex(({ role }) => role !== 'tool');
  const left = next.slice(0, end < 0 ? next.length : end);
  const results = calls.flatMap(({ id }) => {
    const at = left.findIndex((step) => step.role === 'tool' && step.callId === id);
    return at < 0 ? [] : left.splice(at, 1);
  });
  return results.length === calls.length ? results : undefined;
};

/**
 * A step and nothing else, whatever the object that it is taken from holds beside: what models and tools hand over may
 * hold more.
 */
export const stepFields = (step: ConversationStep): ConversationStep => {
  switch (step.role) {
    case 'person': {
      const { role, name, text, messageId, replied, overheard, provenance } = step;
      const quoted = replied && repliedFields(replied);
      return { role, name, text, ...present({ messageId, replied: quoted, overheard, provenance: provenanceFields(provenance) }) };
    }
    case 'agent': {
      const { role, text, toolCalls, provenance } = step;
      const calls = toolCalls.map(({ id, tool, input }) => ({ id, tool, input }));
      return { role, text, toolCalls: calls, ...present({ provenance: provenanceFields(provenance) }) };
    }
    case 'tool': {
      const { role, callId, tool, output, isError, provenance } = step;
      return { role, callId, tool, output, isError, ...present({ provenance: provenanceFields(provenance) }) };
    }
  }
};

export const entryFields = ({ chatId, at, turnId, step }: ConversationEntry): ConversationEntry => ({
  chatId,
  at,
  ...present({ turnId }),
  step: stepFields(step),
});

/** The step without numbers of messages, which mean nothing in another chat. */
export const withoutNumbers = (step: ConversationStep): ConversationStep => {
  if (step.role !== 'person') return step;
  const { messageId: _, replied, ...rest } = step;
  if (!replied) return rest;
  const { messageId: __, ...said } = replied;
  return { ...rest, replied: said };
};
