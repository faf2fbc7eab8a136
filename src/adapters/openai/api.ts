import type { Usage } from '../../domain/conversation/turn.ts';
import type { ModelServerNotices } from '../../ports/events.ts';
import type { ModelEvent, ModelReply, ModelRequest } from '../../ports/language-model.ts';
import type { OpenAiClient } from './client.ts';
import type { Dialect, SentRequest } from './dialect.ts';

/** Puts a reply together from what its stream brings. */
export interface StreamReader {
  read(data: unknown): void;
  /** The server says that nothing more comes. */
  end(): void;
  /** Whether what is there is a whole reply, whatever else may come. */
  isComplete(): boolean;
  /** Nothing more that comes is of use. */
  isFull(): boolean;
  /** What it thinks stands in its text, from its beginning. */
  beganInThought(): boolean;
  /** Whether anything of it was passed on. */
  hasSpoken(): boolean;
  /** What was counted so far: of a call that breaks, that is what it had used. */
  usage(): Usage;
  /** The reply to a request that was declined before a model answered it. */
  declined(why: string): ModelReply;
  /** The whole reply; throws PortError `malformed-reply` where the stream ended before it did. */
  reply(): ModelReply;
}

export interface ReaderOptions {
  readonly who: string;
  /** As it was asked for; the server may name it more exactly. */
  readonly model: string;
  readonly onEvent: (event: ModelEvent) => void;
  readonly notice: ModelServerNotices;
  /** The model's last reply did. */
  readonly beginsInThought?: boolean;
}

/** One of the two APIs that OpenAI's models are asked through. */
export interface OpenAiApi {
  /** What it does not know of a server yet. */
  readonly dialect: Dialect;
  ask(client: OpenAiClient, question: Question, options: { readonly signal: AbortSignal }): Promise<Response>;
  /** What a dialect decides on of the request that was sent. */
  sent(question: Question): SentRequest;
  /** The part of a message that a refusal points to, by the numbers of both. */
  partAt(question: Question, message: number, part: number): unknown;
  makeReader(options: ReaderOptions): StreamReader;
}

export interface Question {
  readonly model: string;
  /** `LanguageModel.name`. */
  readonly name: string;
  readonly request: ModelRequest;
  readonly dialect: Dialect;
}
