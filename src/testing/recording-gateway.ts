import { type ChatId, type IncomingMessage, type MessageId, messageId } from '../domain/index.ts';
import { type ChatGateway, type OutgoingMessage, PortError } from '../ports/index.ts';

export interface SentMessage extends OutgoingMessage {
  readonly messageId: MessageId;
}

/** When a send fails: before the other side has it, or after it was accepted and only the word of it is lost. */
export type SendFailure = 'before' | 'after';

export interface RecordingGateway extends ChatGateway {
  /** What arrived at the other side, in order, each message once. */
  readonly sent: readonly SentMessage[];
  /** Every call of `send`, repeats and failures among them. */
  readonly attempts: readonly OutgoingMessage[];
  readonly drafts: readonly { readonly chatId: ChatId; readonly text: string }[];
  /** Makes the next `count` sends fail with `error` (by default `unavailable`, retryable). */
  failNext(count: number, when: SendFailure, error?: unknown): void;
  /** A message arrives. It is handed over at once when started, else at the start. Rejects with what `receive` rejects with. */
  deliver(message: IncomingMessage): Promise<void>;
  /** Hands over again what `receive` rejected, and all behind it. */
  redeliver(): Promise<void>;
  /** Messages not handed over yet. */
  readonly undelivered: readonly IncomingMessage[];
  /** Resolves once `count` messages have arrived at the other side. */
  untilSent(count: number): Promise<void>;
}

/** A gateway whose other side is an array: it keeps the law of `ChatGateway`, and can be made to fail. */
export const makeRecordingGateway = (
  options: { readonly name?: string; readonly serves?: (chatId: ChatId) => boolean } = {},
): RecordingGateway => {
  const { name = 'recording', serves = () => true } = options;
  const sent: SentMessage[] = [];
  const attempts: OutgoingMessage[] = [];
  const drafts: { chatId: ChatId; text: string }[] = [];
  const failures: { when: SendFailure; error: unknown }[] = [];
  const undelivered: IncomingMessage[] = [];
  const waiting = new Set<() => void>();
  let receive: ((message: IncomingMessage) => Promise<void>) | undefined;
  let handingOver: Promise<void> = Promise.resolve();

  const handOver = async (): Promise<void> => {
    for (let message = undelivered[0]; receive && message; message = undelivered[0]) {
      await receive(message);
      undelivered.shift();
    }
  };
  /** One hand-over at a time; one that failed does not hold up the next. */
  const redeliver = (): Promise<void> => {
    handingOver = handingOver.then(handOver, handOver);
    return handingOver;
  };
  const accept = (message: OutgoingMessage): SentMessage => {
    const known = sent.find(({ chatId, randomId }) => chatId === message.chatId && randomId === message.randomId);
    if (known) return known;
    const accepted = { ...message, messageId: messageId(1_000 + sent.length) };
    sent.push(accepted);
    for (const resolve of waiting) resolve();
    waiting.clear();
    return accepted;
  };

  return {
    name,
    sent,
    attempts,
    drafts,
    undelivered,
    serves,
    start: async (handler) => {
      receive = handler;
      await redeliver();
    },
    send: async (message) => {
      attempts.push(message);
      const failure = failures.shift();
      if (failure?.when === 'before') throw failure.error;
      const { messageId } = accept(message);
      if (failure) throw failure.error;
      return messageId;
    },
    showDraft: (chatId, text) => {
      drafts.push({ chatId, text });
    },
    stop: async () => {
      receive = undefined;
    },
    failNext: (count, when, error = new PortError('unavailable', 'the other side is down', { retryable: true })) => {
      failures.push(...Array.from({ length: count }, () => ({ when, error })));
    },
    deliver: (message) => {
      undelivered.push(message);
      return redeliver();
    },
    redeliver,
    untilSent: async (count) => {
      while (sent.length < count) await new Promise<void>((resolve) => waiting.add(resolve));
    },
  };
};
