import Anthropic from '@anthropic-ai/sdk';
import type { MessageCreateParamsStreaming, RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { requireNode } from '../../domain/shared/node-version.ts';
import { boundedFetch } from '../../ports/bounded-fetch.ts';

/** What is used of the SDK. */
export interface AnthropicClient {
  readonly messages: {
    create(
      body: MessageCreateParamsStreaming,
      options: { readonly signal: AbortSignal },
    ): PromiseLike<AsyncIterable<RawMessageStreamEvent>>;
  };
}

/**
 * A client that reads nothing from the environment and retries nothing: both are the application's. Its own log is off, because it
 * would print replies unredacted.
 */
export const createAnthropicClient = (options: { readonly apiKey: string; readonly baseUrl?: string }): AnthropicClient => {
  requireNode(process.versions.node);
  return new Anthropic({
    apiKey: options.apiKey,
    baseURL: options.baseUrl ?? 'https://api.anthropic.com',
    maxRetries: 0,
    logLevel: 'off',
    fetch: boundedFetch,
  });
};
