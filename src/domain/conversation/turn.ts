import type { ChatId } from '../chat/ids.ts';
import type { GateOutcome } from '../promise/gate.ts';
import { type Brand, InvalidValueError } from '../shared/brand.ts';
import { present } from '../shared/present.ts';

/** Stands in the place of the agent where Kept itself answered: commands, and what is stopped. */
export const OWN_ANSWERS = 'commands';

/** One run of an agent over the messages that waited in a chat. */
export type TurnId = Brand<string, 'TurnId'>;

export const turnId = (raw: string): TurnId => {
  if (!/^[\w-]{1,64}$/.test(raw)) throw new InvalidValueError(`not a turn id: ${raw.slice(0, 60)}`);
  return raw as TurnId;
};

export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
}

export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

export const addUsage = (a: Usage, b: Usage): Usage => ({
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
  cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
});

/** What is left of the first without the second; no count is below 0. */
export const withoutUsage = (a: Usage, b: Usage): Usage => ({
  inputTokens: Math.max(0, a.inputTokens - b.inputTokens),
  outputTokens: Math.max(0, a.outputTokens - b.outputTokens),
  cacheReadTokens: Math.max(0, a.cacheReadTokens - b.cacheReadTokens),
  cacheWriteTokens: Math.max(0, a.cacheWriteTokens - b.cacheWriteTokens),
});

/** Each count as the greater of two sums tells it: one of them may have missed a call. */
export const mostUsage = (a: Usage, b: Usage): Usage => ({
  inputTokens: Math.max(a.inputTokens, b.inputTokens),
  outputTokens: Math.max(a.outputTokens, b.outputTokens),
  cacheReadTokens: Math.max(a.cacheReadTokens, b.cacheReadTokens),
  cacheWriteTokens: Math.max(a.cacheWriteTokens, b.cacheWriteTokens),
});

/** The counts of a provider as whole numbers that a table can hold, whatever it sends. */
export const countable = ({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }: Usage): Usage => ({
  inputTokens: tokens(inputTokens),
  outputTokens: tokens(outputTokens),
  cacheReadTokens: tokens(cacheReadTokens),
  cacheWriteTokens: tokens(cacheWriteTokens),
});
const MAX_TOKENS = 1_000_000_000;
const tokens = (count: unknown): number => (typeof count === 'number' && count > 0 ? Math.min(MAX_TOKENS, Math.floor(count)) : 0);

/** Whether anything was used. */
export const isPaid = ({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }: Usage): boolean =>
  inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens > 0;

/** What a finished turn leaves behind for the record. */
export interface Turn {
  readonly id: TurnId;
  readonly chatId: ChatId;
  readonly agent: string;
  /** The model that gave the answer; absent when none did. */
  readonly model?: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /**
   * `stopped`: a person asked for its end before there was an answer. `attempt`: it answers no message, and is here for
   * what it used: an attempt at a promise, a run that was ended before its answer, or a run of an agent alone.
   */
  readonly outcome: 'answered' | 'failed' | 'promised' | 'stopped' | 'attempt';
  /** Present when its answer claimed work to come that was not promised. */
  readonly gate?: GateOutcome;
  readonly usage: Usage;
  readonly toolCalls: number;
}

/** What a run leaves for the record that answers no message. */
export const attemptOf = (run: Omit<Turn, 'outcome' | 'toolCalls'> & { readonly toolCalls?: number }): Turn => ({
  toolCalls: 0,
  ...run,
  outcome: 'attempt',
});

/** A turn and nothing else, whatever the object that it is taken from holds beside. */
export const turnFields = ({ id, chatId, agent, model, startedAt, endedAt, outcome, gate, usage, toolCalls }: Turn): Turn => ({
  id,
  chatId,
  agent,
  startedAt,
  endedAt,
  outcome,
  usage: addUsage(NO_USAGE, usage),
  toolCalls,
  ...present({ model, gate }),
});
