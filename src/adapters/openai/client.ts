import OpenAI from 'openai';
import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import type { ResponseCreateParamsStreaming } from 'openai/resources/responses/responses';
import { requireNode } from '../../domain/shared/node-version.ts';
import { boundedFetch } from '../../ports/adapter-kit/bounded-fetch.ts';
import { apiErrorOf } from './api-error.ts';
import { parsed } from './read-by-type.ts';
import type { TranscriptionClient } from './transcriber.ts';

/** What is used of the SDK for answers: it asks, and tells refusals. The stream is read here, by what it is. */
export interface OpenAiClient {
  readonly chat: {
    readonly completions: {
      create(body: ChatCompletionCreateParams, options: { readonly signal: AbortSignal }): { asResponse(): Promise<Response> };
    };
  };
  readonly responses: {
    create(body: ResponseCreateParamsStreaming, options: { readonly signal: AbortSignal }): { asResponse(): Promise<Response> };
  };
}

/**
 * A client that retries nothing and takes no credentials from the environment: both are the application's. Without a
 * key it sends no `Authorization` (local servers want none). Its own log is off, because it would print replies
 * unredacted.
 */
export const createOpenAiClient = (options: {
  readonly apiKey?: string;
  readonly baseUrl?: string;
}): OpenAiClient & TranscriptionClient => {
  requireNode(process.versions.node);
  return new OpenAI({
    // The constructor insists on a key; the header that it would go into is taken out below.
    apiKey: options.apiKey ?? 'none',
    ...(options.apiKey === undefined ? { defaultHeaders: { Authorization: null } } : {}),
    adminAPIKey: null,
    organization: null,
    project: null,
    baseURL: options.baseUrl ?? 'https://api.openai.com/v1',
    maxRetries: 0,
    logLevel: 'off',
    fetch: fetchReadable,
  });
};

const fetchBounded = boundedFetch();

/** A refusal in whatever shape, in the one that the SDK reads. */
const fetchReadable = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
  const response = await fetchBounded(input, init);
  if (response.ok) return response;
  const text = await response.text();
  const json = parsed(text);
  const { status, statusText, headers } = response;
  return new Response(json ? JSON.stringify({ error: apiErrorOf(json.value) }) : text, { status, statusText, headers });
};
