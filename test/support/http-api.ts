import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingHttpHeaders, type RequestOptions, request } from 'node:http';
import { type HttpApi, type HttpServerOptions, makeHttpServer } from '../../src/adapters/http/index.ts';
import { makeLocalChat } from '../../src/adapters/local-chat/index.ts';
import {
  type AgentPromise,
  type ChatId,
  DEFAULT_LOCAL_CHAT,
  DEFAULT_RETRY,
  err,
  type IncomingMessage,
  type MessageId,
  makePromise,
  messageId,
  OPERATOR_ID,
  ok,
  type PromiseCommand,
  type PromiseId,
  type PromiseStatus,
  promiseId,
  transition,
} from '../../src/domain/index.ts';
import type { ChangeFeed, Clock, LocalTranscript, Logger, Randomness, TranscriptMessage } from '../../src/ports/index.ts';

export const randomness: Randomness = {
  id: randomUUID,
  randomId: () => String(randomBytes(8).readBigInt64BE() || 1n),
  fraction: () => randomInt(1_000_000) / 1_000_000,
};

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, action) => {
    const timer = setTimeout(action, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** A logger that keeps its lines for the test to look at. */
export const makeLogBook = (): Logger & {
  readonly lines: { level: string; message: string; fields: Readonly<Record<string, unknown>> }[];
} => {
  const lines: { level: string; message: string; fields: Readonly<Record<string, unknown>> }[] = [];
  const at = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) => void lines.push({ level, message, fields });
  const book = { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), child: () => book };
  return book;
};

/** A change feed that speaks when it is told to. */
export const makeChanges = (): ChangeFeed & { readonly tell: () => void } => {
  const listeners = new Set<() => void>();
  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell: () => {
      for (const listener of listeners) listener();
    },
  };
};

/** A transcript in memory, as two processes would share it. */
export const makeTranscript = (): LocalTranscript => {
  const stored: (TranscriptMessage & { readonly randomId: string; received: boolean })[] = [];
  const of = (chatId: ChatId) => stored.filter((message) => message.chatId === chatId);
  const plain = ({ randomId: _randomId, received: _received, ...message }: (typeof stored)[number]): TranscriptMessage => message;
  return {
    post: async (message) => {
      const repeated = of(message.chatId).find(({ randomId }) => randomId === message.randomId);
      if (repeated) return plain(repeated);
      const added = { ...message, messageId: messageId(of(message.chatId).length + 1), received: message.from === 'agent' };
      stored.push(added);
      return plain(added);
    },
    list: async (chatId, after, limit) =>
      of(chatId)
        .filter(({ messageId }) => messageId > after)
        .slice(0, limit)
        .map(plain),
    latest: async (chatId, limit) => of(chatId).slice(-limit).map(plain),
    unreceived: async (limit) =>
      stored
        .filter(({ received }) => !received)
        .slice(0, limit)
        .map(plain),
    markReceived: async (chatId, messageId) => {
      for (const message of of(chatId)) if (message.messageId === messageId) message.received = true;
    },
  };
};

/** An agent without a mind: the real local chat, promises in a map, and answers that the test gives. */
export const makeScriptedApi = (onMessage: (message: IncomingMessage) => void = () => undefined) => {
  const changes = makeChanges();
  const transcript = makeTranscript();
  const logger = makeLogBook();
  const chat = makeLocalChat({ transcript, clock: systemClock, randomness, changes, logger });
  const promises = new Map<PromiseId, AgentPromise>();
  const promiseListeners = new Set<(promise: AgentPromise) => void>();
  const store = (promise: AgentPromise): AgentPromise => {
    promises.set(promise.id, promise);
    for (const listener of promiseListeners) listener(promise);
    return promise;
  };
  const apply = (id: PromiseId, command: PromiseCommand) => {
    const promise = promises.get(id);
    if (!promise) return err({ code: 'promise/not-found', message: `there is no promise #${id}` });
    const next = transition(promise, command);
    return next.ok ? ok(store(next.value)) : next;
  };

  const api: HttpApi = {
    postMessage: async ({ chatId, text }) => {
      const posted = await chat.post(chatId, text);
      return posted.ok ? ok({ chatId, messageId: posted.value.messageId }) : posted;
    },
    listMessages: chat.list,
    subscribe: (chatId, listener, after) => {
      const onPromise = (promise: AgentPromise): void => {
        if (promise.chatId === chatId) void listener({ type: 'promise', promise });
      };
      promiseListeners.add(onPromise);
      const unsubscribe = chat.subscribe(chatId, listener, after);
      return () => {
        promiseListeners.delete(onPromise);
        unsubscribe();
      };
    },
    listPromises: async ({ statuses, chatId, limit }) =>
      [...promises.values()]
        .filter((promise) => (statuses?.includes(promise.status) ?? true) && (chatId ?? promise.chatId) === promise.chatId)
        .sort((a, b) => b.id - a.id)
        .slice(0, limit),
    getPromise: async (id) => promises.get(id),
    cancelPromise: async (id) => apply(id, { type: 'cancel', at: Date.now(), reason: 'cancelled by the operator' }),
    retryPromise: async (id) => apply(id, { type: 'retry', at: Date.now() }),
    health: async () => ({
      ...{ status: 'ok', version: '0.1.0', pid: process.pid, uptimeMs: 1_000, model: 'rehearsal', storage: 'memory' },
      checks: [{ name: 'storage', status: 'ok' }],
    }),
  };

  return {
    api,
    chat,
    changes,
    transcript,
    logger,
    start: () => chat.start(async (message) => onMessage(message)),
    /** The agent says something. */
    say: (text: string, about: { chatId?: ChatId; replyTo?: MessageId; answers?: readonly MessageId[] } = {}): Promise<MessageId> =>
      chat.send({
        ...{ chatId: DEFAULT_LOCAL_CHAT, text, answers: [], randomId: randomness.randomId() },
        ...about,
      }),
    promise: (description: string, terms: Partial<AgentPromise> = {}): AgentPromise =>
      store(
        makePromise({
          ...{ id: promiseId(promises.size + 1), chatId: DEFAULT_LOCAL_CHAT, requestedBy: { id: OPERATOR_ID }, description },
          ...{ taskType: 'analysis', priority: 5, dependsOn: [], retry: DEFAULT_RETRY, metadata: {}, createdAt: Date.now() },
          ...terms,
        } as AgentPromise),
      ),
    /** Starts the promise; then its fate is settled by the caller. */
    run: (id: PromiseId): void => void apply(id, { type: 'start', at: Date.now(), workerId: 'w1', leaseMs: 60_000 }),
    complete: (id: PromiseId, result: string): void => {
      const attempt = promises.get(id)?.attempts ?? 0;
      apply(id, { type: 'complete', at: Date.now(), workerId: 'w1', attempt, result });
    },
    fail: (id: PromiseId, message: string): void => {
      const attempt = promises.get(id)?.attempts ?? 0;
      apply(id, { type: 'fail', at: Date.now(), workerId: 'w1', attempt, error: { code: 'test', message }, retryable: false, jitter: 0 });
    },
    deliver: (id: PromiseId): void => {
      const promise = promises.get(id);
      if (promise) store({ ...promise, deliveredAt: Date.now() } as AgentPromise);
    },
    statusOf: (id: PromiseId): PromiseStatus | undefined => promises.get(id)?.status,
  };
};

export type ScriptedApi = ReturnType<typeof makeScriptedApi>;

/** Serves the scripted api on a free loopback port. */
export const serve = async (scripted: ScriptedApi, options: Partial<HttpServerOptions> = {}) => {
  const server = makeHttpServer({
    ...{ api: scripted.api, host: '127.0.0.1', port: 0, corsOrigins: [], maxRequestBytes: 700_000, logger: scripted.logger },
    ...options,
  });
  await scripted.start();
  const { url } = await server.listen();
  return {
    url,
    close: async (): Promise<void> => {
      await server.close();
      await scripted.chat.stop();
    },
  };
};

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A request with exactly these headers, `Host` and `Origin` included, which `fetch` would not send. */
export const rawRequest = async (url: string, options: RequestOptions = {}, body = ''): Promise<RawAnswer> => {
  const sent = request(url, { ...options, agent: false });
  sent.end(body);
  const [response] = await once(sent, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString('utf8') };
};

export interface StreamEvent {
  readonly event: string;
  readonly id?: string;
  readonly data: Record<string, unknown>;
}

/** Reads an event stream; `next` waits for an event that fits. */
export const openStream = async (url: string, headers: Record<string, string> = {}) => {
  const leaving = new AbortController();
  const response = await fetch(url, { headers, signal: leaving.signal });
  const events: StreamEvent[] = [];
  const comments: string[] = [];
  let raw = '';
  let wake = (): void => undefined;
  const ended = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      raw += decoder.decode(chunk, { stream: true });
      const blocks = raw.split('\n\n');
      raw = blocks.pop() as string;
      for (const block of blocks) comments.push(...block.split('\n').filter((line) => line.startsWith(':')));
      events.push(...blocks.flatMap(readBlock));
      wake();
    }
  })().catch((error: Error) => {
    if (error.name !== 'AbortError') throw error;
  });
  const until = async <T>(find: () => T | undefined): Promise<T> => {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return {
    response,
    events,
    ended,
    comment: () => until(() => comments.shift()),
    next: (fits: (event: StreamEvent) => boolean) => until(() => events.find(fits)),
    leave: () => leaving.abort(),
  };
};

const readBlock = (block: string): StreamEvent[] => {
  const fields = new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
  const data = fields.get('data');
  const id = fields.get('id');
  return data === undefined ? [] : [{ event: fields.get('event') ?? '', data: JSON.parse(data), ...(id === undefined ? {} : { id }) }];
};
