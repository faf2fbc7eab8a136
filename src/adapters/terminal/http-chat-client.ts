import { DEFAULT_LOCAL_CHAT, err, localChatId, ok, type PromiseId, type Refusal, type Result } from '../../domain/index.ts';
import { requireNode } from '../../domain/shared/node-version.ts';
import { present } from '../../domain/shared/present.ts';
import type { TranscriptMessage } from '../../ports/index.ts';
import { PortError } from '../../ports/index.ts';
import type { ChatClient, PromiseLine } from './chat-client.ts';
import { messagesReply, postedReply, promiseReply, promisesReply, verdictReply } from './http-replies.ts';
import { makeSend, readReply } from './http-request.ts';
import { followStream, type ReconnectPolicy } from './http-stream.ts';

export interface HttpChatClientOptions {
  /** URL of the HTTP API: `http://127.0.0.1:9000`. */
  readonly baseUrl: string;
  /** A local chat's id (`local:2`), or its number alone; absent means the default chat. */
  readonly chatId?: number | string;
  readonly token?: string;
  /** PEM. The one certificate of the server, whatever names stand in it. Absent: it has one that everybody trusts. */
  readonly certificate?: string | Buffer;
  /** The longest wait for the answer to a request, in ms. */
  readonly timeoutMs?: number;
  readonly reconnect?: Partial<ReconnectPolicy>;
}

const PAGE = 500;
const RECONNECT: ReconnectPolicy = { firstMs: 250, mostMs: 10_000, silenceMs: 45_000 };

/** A chat over the HTTP API of a running Kept. */
export const makeHttpChatClient = (options: HttpChatClientOptions): ChatClient => {
  requireNode(process.versions.node);
  const send = makeSend(options);
  const chatId = options.chatId === undefined ? DEFAULT_LOCAL_CHAT : localChatId(options.chatId);
  const signal = (): AbortSignal => AbortSignal.timeout(options.timeoutMs ?? 30_000);

  const get = async <T>(path: string, schema: Parameters<typeof readReply<T>>[1]): Promise<T> => {
    const reply = await readReply(await send(path, { signal: signal() }), schema);
    if (!reply.ok) throw new PortError('invalid-request', reply.error.message, { retryable: false });
    return reply.value;
  };
  const page = async (after: number | undefined, limit: number): Promise<readonly TranscriptMessage[]> => {
    const from = after === undefined ? '' : `&after=${after}`;
    return (await get(`api/chat/messages?chatId=${chatId}${from}&limit=${limit}`, messagesReply)).messages;
  };
  const command = async (id: PromiseId, verb: 'cancel' | 'retry'): Promise<Result<PromiseLine, Refusal>> =>
    readReply(await send(`api/promises/${id}/${verb}`, { body: {}, signal: signal() }), promiseReply);

  return {
    post: async (text) => {
      const reply = await readReply(await send('api/chat/messages', { body: { text, chatId }, signal: signal() }), postedReply);
      return reply.ok ? ok({ messageId: reply.value.messageId }) : err(reply.error);
    },
    failureOf: async (id) => {
      const reply = await readReply(await send(`api/chat/messages/${id}/verdict?chatId=${chatId}`, { signal: signal() }), verdictReply);
      return reply.ok && reply.value.verdict === 'failed' ? (reply.value.reason ?? 'no reason given') : undefined;
    },
    list: async (after) => {
      const all: TranscriptMessage[] = [];
      for (let place = after, more = true; more; ) {
        const messages = await page(place, PAGE);
        all.push(...messages);
        place = messages.at(-1)?.sequence ?? place;
        more = messages.length === PAGE;
      }
      return all;
    },
    latest: (limit) => page(undefined, limit),
    subscribe: (listener, after) =>
      followStream({
        send,
        listener,
        after,
        path: `api/chat/stream?chatId=${chatId}`,
        newest: async () => (await page(undefined, 1)).at(-1)?.sequence ?? 0,
        policy: { ...RECONNECT, ...present(options.reconnect ?? {}) },
      }),
    promises: async () => (await get(`api/promises?chatId=${chatId}&limit=${PAGE}`, promisesReply)).promises,
    cancel: (id) => command(id, 'cancel'),
    retry: (id) => command(id, 'retry'),
  };
};
