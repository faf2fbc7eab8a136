import type { ChatId, MessageId } from '../chat/ids.ts';
import type { IncomingMessage } from '../message/message.ts';
import type { PromiseId } from '../promise/promise.ts';
import { present } from '../shared/present.ts';
import type { RunId, RunStep } from './run-step.ts';

/** A message that a turn answers, as it was when the run began. */
export interface AskedMessage {
  /** The chat that it came to: that may have moved since. */
  readonly chatId: ChatId;
  readonly messageId: MessageId;
  /** Stands for its text and for what it replies to: another mark, another text. */
  readonly mark: string;
}

/** An agent's work on one turn or on one promise. */
export interface Run {
  readonly id: RunId;
  readonly chatId: ChatId;
  /** The promise that it works on. Absent: it answers messages. */
  readonly promiseId?: PromiseId;
  readonly agent: string;
  /** What it is told of the time is the same in every process. */
  readonly startedAt: number;
  /** The messages that it answers, oldest first; empty for a promise. */
  readonly asked: readonly AskedMessage[];
}

/** A run as it is stored. */
export interface StoredRun extends Run {
  readonly steps: readonly RunStep[];
  /** The usage of so many steps, from the first one on, is recorded elsewhere already. */
  readonly counted: number;
  /** Present once it has ended, in ms since 1970. */
  readonly endedAt?: number;
}

/** A run and nothing else, whatever the object that it is taken from holds beside. */
export const runFields = ({ id, chatId, promiseId, agent, startedAt, asked }: Run): Run => ({
  id,
  chatId,
  agent,
  startedAt,
  asked: asked.map(({ chatId: chat, messageId, mark }) => ({ chatId: chat, messageId, mark })),
  ...present({ promiseId }),
});

/** The message as a run remembers it. */
export const askedMessage = ({ chat, messageId, text, replied }: IncomingMessage): AskedMessage => ({
  chatId: chat.id,
  messageId,
  mark: markOf(JSON.stringify([text, replied?.text, replied?.quote])),
});

/** FNV-1a over 2 × 32 bits, and the length: enough to tell an edited text from the one before. */
const markOf = (text: string): string => {
  let [one, two] = [0x811c9dc5, 0x01000193];
  for (let i = 0; i < text.length; i++) {
    one = Math.imul(one ^ text.charCodeAt(i), 0x01000193);
    two = Math.imul(two ^ (text.charCodeAt(i) + i), 0x85ebca6b);
  }
  return [text.length, one >>> 0, two >>> 0].map((part) => part.toString(36)).join('-');
};
