import OpenAI from 'openai';
import type { ChatCompletionChunk, ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import { requireNode } from '../../domain/shared/node-version.ts';
import { boundedFetch } from '../../ports/bounded-fetch.ts';
import type { TranscriptionClient } from './transcriber.ts';

/** What is used of the SDK for answers; a client that can, calls `onBytes` as often as something arrives. */
export interface OpenAiClient {
  readonly chat: {
    readonly completions: {
      create(
        body: ChatCompletionCreateParamsStreaming,
        options: { readonly signal: AbortSignal; readonly onBytes: () => void },
      ): PromiseLike<AsyncIterable<ChatCompletionChunk>>;
    };
  };
}

/**
 * A client that retries nothing and takes no credentials from the environment: both are the application's. Without a key it sends no
 * `Authorization` (local servers want none). Its own log is off, because it would print replies unredacted.
 */
export const createOpenAiClient = (options: {
  readonly apiKey?: string;
  readonly baseUrl?: string;
}): OpenAiClient & TranscriptionClient => {
  requireNode(process.versions.node);
  const sdk = new OpenAI({
    // The constructor insists on a key; the header that it would go into is taken out below.
    apiKey: options.apiKey ?? 'none',
    ...(options.apiKey === undefined ? { defaultHeaders: { Authorization: null } } : {}),
    adminAPIKey: null,
    organization: null,
    project: null,
    baseURL: options.baseUrl ?? 'https://api.openai.com/v1',
    maxRetries: 0,
    logLevel: 'off',
    fetch: boundedFetch(),
  });
  return {
    chat: {
      completions: {
        create: (body, { signal, onBytes }) => sdk.withOptions({ fetch: boundedFetch(onBytes) }).chat.completions.create(body, { signal }),
      },
    },
    audio: sdk.audio,
  };
};
