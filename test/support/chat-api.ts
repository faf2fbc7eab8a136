import { setTimeout as wait } from 'node:timers/promises';

export interface ChatMessage {
  readonly messageId: string;
  readonly sequence: number;
  readonly chatId: string;
  readonly from: 'operator' | 'agent';
  readonly text: string;
  readonly replyTo?: string;
  readonly answers?: readonly string[];
}

export interface ApiPromise {
  readonly id: number;
  readonly chatId: string;
  readonly status: string;
  readonly taskDescription: string;
  readonly progress?: string;
  readonly resultSummary?: string;
  readonly attempts: number;
  readonly deliveredAt?: string;
}

/** The public HTTP API, as a client sees it. */
export const chatApi = (url: () => string) => {
  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(`${url()}${path}`);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  return {
    post: async (text: string, chatId: number): Promise<{ chatId: string; messageId: string }> => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${url()}/api/chat/messages`, { method: 'POST', headers, body: JSON.stringify({ text, chatId }) });
      if (response.status !== 202) throw new Error(`post: ${response.status} ${await response.text()}`);
      return (await response.json()) as { chatId: string; messageId: string };
    },
    /** Every message of a chat. */
    messages: async (chatId: number): Promise<ChatMessage[]> => {
      const all: ChatMessage[] = [];
      for (;;) {
        const after = all.at(-1)?.sequence ?? 0;
        const { messages } = await get<{ messages: ChatMessage[] }>(`/api/chat/messages?chatId=${chatId}&after=${after}&limit=500`);
        if (messages.length === 0) return all;
        all.push(...messages);
      }
    },
    promises: async (): Promise<ApiPromise[]> => (await get<{ promises: ApiPromise[] }>('/api/promises?limit=1000')).promises,
    get,
  };
};

/** Looks again and again until `look` gives something; the clock is only there to fail a test that would hang. */
export const until = async <T>(what: string, look: () => Promise<T | undefined | false>, timeoutMs = 60_000): Promise<T> => {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for: ${what}`);
    await wait(20);
  }
};
