import Anthropic from '@anthropic-ai/sdk';
import type { MessageCreateParamsStreaming, RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { requireNode } from '../../domain/shared/node-version.ts';
import { boundedFetch } from '../../ports/adapter-kit/bounded-fetch.ts';

/** What is used of the SDK; a client that can, calls `onBytes` as often as something arrives, pings included. */
export interface AnthropicClient {
  readonly messages: {
    create(
      body: MessageCreateParamsStreaming,
      options: { readonly signal: AbortSignal; readonly onBytes: () => void },
    ): PromiseLike<AsyncIterable<RawMessageStreamEvent>>;
  };
}

/**
 * A client that reads nothing from the environment and retries nothing: both are the application's. Its own log is off,
 * because it would print replies unredacted. It makes no spans, where the program traces, and tells the provider of
 * none: our own events are spans.
 */
export const createAnthropicClient = (options: { readonly apiKey: string; readonly baseUrl?: string }): AnthropicClient => {
  requireNode(process.versions.node);
  const sdk = new Anthropic({
    apiKey: options.apiKey,
    baseURL: options.baseUrl ?? 'https://api.anthropic.com',
    maxRetries: 0,
    logLevel: 'off',
    openTelemetry: false,
  });
  return {
    messages: {
      create: (body, { signal, onBytes }) => sdk.withOptions({ fetch: boundedFetch(onBytes) }).messages.create(body, { signal }),
    },
  };
};
