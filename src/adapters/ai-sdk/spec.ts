/**
 * What is used of the AI SDK's provider specification v4 (`@ai-sdk/provider`). It is written down here, so that Kept
 * needs no package of the AI SDK; a test compares it with the real types.
 */

/** What a provider keeps beside a part, under its own name; it wants that back with the part. */
export type Metadata = Record<string, JsonObject>;
type JsonObject = { [key: string]: Json | undefined };
type Json = null | string | number | boolean | Readonly<JsonObject> | readonly Json[];

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  readonly providerOptions?: Metadata;
}

export interface FilePart {
  readonly type: 'file';
  readonly filename?: string;
  readonly data: { readonly type: 'data'; readonly data: string };
  readonly mediaType: string;
}

export interface ReasoningPart {
  readonly type: 'reasoning';
  readonly text: string;
  readonly providerOptions?: Metadata;
}

export interface CallPart {
  readonly type: 'tool-call';
  readonly toolCallId: string;
  readonly toolName: string;
  readonly input: unknown;
  readonly providerOptions?: Metadata;
}

export interface ResultPart {
  readonly type: 'tool-result';
  readonly toolCallId: string;
  readonly toolName: string;
  readonly output: { readonly type: 'text' | 'error-text'; readonly value: string };
}

export type AssistantPart = TextPart | ReasoningPart | CallPart;

export type Message = (
  | { readonly role: 'system'; readonly content: string }
  | { readonly role: 'user'; readonly content: (TextPart | FilePart)[] }
  | { readonly role: 'assistant'; readonly content: AssistantPart[] }
  | { readonly role: 'tool'; readonly content: ResultPart[] }
) & { readonly providerOptions?: Metadata };

export interface CallOptions {
  readonly prompt: Message[];
  readonly maxOutputTokens: number;
  readonly tools?: {
    readonly type: 'function';
    readonly name: string;
    readonly description: string;
    readonly inputSchema: Record<string, unknown>;
  }[];
  readonly toolChoice?: { readonly type: 'auto' | 'none' };
  readonly reasoning?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';
  readonly abortSignal: AbortSignal;
}

/** Counts that a provider may not know. */
type Count = number | undefined;

export interface StreamUsage {
  readonly inputTokens: { readonly total: Count; readonly noCache: Count; readonly cacheRead: Count; readonly cacheWrite: Count };
  readonly outputTokens: { readonly total: Count };
}

/** A part of a streamed reply; those of other types are signs of life. */
export type StreamPart =
  | { readonly type: 'text-start' | 'text-end'; readonly id: string; readonly providerMetadata?: Metadata }
  | { readonly type: 'text-delta'; readonly id: string; readonly delta: string; readonly providerMetadata?: Metadata }
  | { readonly type: 'reasoning-start' | 'reasoning-end'; readonly id: string; readonly providerMetadata?: Metadata }
  | { readonly type: 'reasoning-delta'; readonly id: string; readonly delta: string; readonly providerMetadata?: Metadata }
  | {
      readonly type: 'tool-call';
      readonly toolCallId: string;
      readonly toolName: string;
      /** JSON. */
      readonly input: string;
      /** Its maker has run it already. */
      readonly providerExecuted?: boolean;
      readonly providerMetadata?: Metadata;
    }
  | { readonly type: 'response-metadata'; readonly modelId?: string }
  | {
      readonly type: 'finish';
      readonly usage: StreamUsage;
      readonly finishReason: { readonly unified: string; readonly raw: string | undefined };
    }
  | { readonly type: 'error'; readonly error: unknown };

export interface SdkModel {
  readonly specificationVersion: string;
  doStream(options: CallOptions): PromiseLike<{ readonly stream: ReadableStream<StreamPart | { readonly type: string }> }>;
}

export type SdkProvider = { languageModel(id: string): SdkModel };

/** How packages make their provider. What is left out of the settings it reads from its own variables. */
export type MakeProvider = (settings: { readonly fetch: typeof globalThis.fetch }) => SdkProvider;
