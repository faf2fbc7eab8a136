import type { ChatClient, ClientEvent, PromiseLine } from '../../../src/adapters/terminal/index.ts';
import { DEFAULT_LOCAL_CHAT, err, type MessageId, ok, promiseId } from '../../../src/domain/index.ts';
import type { TranscriptMessage } from '../../../src/ports/index.ts';
import { localMessage } from '../../../src/testing/index.ts';

/** A chat in memory: what the person posts is kept, what the agent says is up to the test. */
export const makeScriptedClient = () => {
  const transcript: TranscriptMessage[] = [];
  const promises = new Map<number, PromiseLine>();
  const listeners = new Set<(event: ClientEvent) => void>();
  let looks = 0;
  const failures = new Map<MessageId, string>();
  let refusal: Error | string | undefined;
  let onPost: (id: MessageId, text: string) => void = () => undefined;

  const emit = (event: ClientEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const store = (message: Omit<TranscriptMessage, 'messageId' | 'sequence' | 'chatId' | 'at'>): MessageId => {
    const sequence = transcript.length + 1;
    const stored = { ...message, messageId: localMessage(sequence), sequence, chatId: DEFAULT_LOCAL_CHAT, at: Date.now() };
    transcript.push(stored);
    emit({ type: 'message', message: stored });
    return stored.messageId;
  };
  const put = (promise: PromiseLine): PromiseLine => {
    promises.set(promise.id, promise);
    emit({ type: 'promise', promise });
    return promise;
  };
  const command = (status: 'cancelled' | 'pending') => async (id: PromiseLine['id']) => {
    const promise = promises.get(id);
    return promise ? ok(put({ ...promise, status })) : err({ code: 'promise/not-found', message: `there is no promise #${id}` });
  };

  const client: ChatClient = {
    post: async (text) => {
      if (refusal instanceof Error) throw refusal;
      if (refusal !== undefined) return err({ code: 'message/refused', message: refusal });
      const id = store({ from: 'operator', text, answers: [] });
      onPost(id, text);
      return ok({ messageId: id });
    },
    failureOf: async (id) => failures.get(id),
    list: async (after) => transcript.filter(({ sequence }) => sequence > after),
    latest: async (limit) => transcript.slice(-limit),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    promises: async () => {
      looks++;
      return [...promises.values()].reverse();
    },
    cancel: command('cancelled'),
    retry: command('pending'),
  };
  return {
    client,
    transcript,
    emit,
    put,
    /** How often the promises were asked for. */
    looks: () => looks,
    isWatched: () => listeners.size > 0,
    say: (text: string, about: { answers?: readonly MessageId[]; replyTo?: MessageId } = {}) =>
      store({ from: 'agent', text, answers: [], ...about }),
    promise: (id: number, terms: Partial<PromiseLine> = {}): PromiseLine =>
      put({
        id: promiseId(id),
        status: 'pending',
        description: 'Compare the timetables',
        taskType: 'analysis',
        createdAt: Date.now(),
        ...terms,
      }),
    onPost: (action: typeof onPost): void => {
      onPost = action;
    },
    /** The reply to that message says that there is no answer. */
    failAnswer: (id: MessageId, reason: string): void => {
      failures.set(id, reason);
    },
    /** From now on posts are refused with these words, or fail with that error; undefined takes them again. */
    refuse: (how: Error | string | undefined): void => {
      refusal = how;
    },
  };
};
