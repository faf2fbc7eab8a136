import { createAnthropic } from '@ai-sdk/anthropic';
import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { makeAiSdkModel } from '../../../src/adapters/ai-sdk/index.ts';
import type { CallOptions, SdkModel, StreamPart } from '../../../src/adapters/ai-sdk/spec.ts';
import type { Events, LanguageModel } from '../../../src/ports/index.ts';
import { silentEvents } from '../../../src/ports/index.ts';

export const NAME = 'ai-sdk:anthropic/claude-sonnet-5-5';

/** Anthropic's model through its package of the AI SDK, at an address of the test's. */
export const makeModel = (baseUrl: string, model = 'claude-sonnet-5-5'): LanguageModel =>
  makeAiSdkModel({
    packages: ['@ai-sdk/anthropic'],
    model,
    name: `ai-sdk:anthropic/${model}`,
    importPackage: async () => ({
      createAnthropic: (settings: object) => createAnthropic({ ...settings, baseURL: `${baseUrl}/v1`, apiKey: 'test' }),
    }),
  });

/** A package that offers one model. */
export const packageOf = (model: Partial<SdkModel>) => ({
  VERSION: '1',
  createOther: () => ({ other: true }),
  createProvider: () => ({ languageModel: () => ({ specificationVersion: 'v4', ...model }) }),
});

/** A model that sends these parts of a stream. */
export const modelOf = (
  parts: readonly object[],
  { asked = [], events = silentEvents }: { readonly asked?: CallOptions[]; readonly events?: Events } = {},
): LanguageModel =>
  makeAiSdkModel({
    packages: ['own-provider'],
    model: 'x',
    name: 'ai-sdk:own-provider/x',
    events,
    importPackage: async () =>
      packageOf({
        doStream: async (options) => {
          asked.push(options);
          return { stream: ReadableStream.from(parts) as ReadableStream<{ type: string }> };
        },
      }),
  });

/** What is written down of the specification is what the specification says: the compiler compares them. */
export const asSdkModel = (model: LanguageModelV4): SdkModel => model;
export const asOptions = (options: CallOptions): LanguageModelV4CallOptions => options;
export const asPart = (part: Extract<LanguageModelV4StreamPart, { type: StreamPart['type'] }>): StreamPart => part;
