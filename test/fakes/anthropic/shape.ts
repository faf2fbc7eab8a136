import { z } from 'zod';
import type { BrokenRule } from '../broken-rule.ts';

/**
 * Which fields a request may have, and of which types (https://platform.claude.com/docs/en/api/messages/create): the
 * API refuses any other as "Extra inputs are not permitted". Only what a client of tools of its own sends is described.
 */
const cacheControl = z.strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() }).optional();

const text = z.strictObject({ type: z.literal('text'), text: z.string(), cache_control: cacheControl });
const image = z.strictObject({
  type: z.literal('image'),
  source: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('base64'),
      media_type: z.enum(['image/jpeg', 'image/png', 'image/gif', 'image/webp']),
      data: z.base64(),
    }),
    z.strictObject({ type: z.literal('url'), url: z.url() }),
  ]),
  cache_control: cacheControl,
});
const document = z.strictObject({
  type: z.literal('document'),
  source: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('base64'), media_type: z.literal('application/pdf'), data: z.base64() }),
    z.strictObject({ type: z.literal('text'), media_type: z.literal('text/plain'), data: z.string().min(1) }),
    z.strictObject({ type: z.literal('url'), url: z.url() }),
  ]),
  title: z.string().min(1).max(500).nullish(),
  context: z.string().min(1).nullish(),
  citations: z.strictObject({ enabled: z.boolean() }).nullish(),
  cache_control: cacheControl,
});
const thinking = z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string().min(1) });
const redactedThinking = z.strictObject({ type: z.literal('redacted_thinking'), data: z.string().min(1) });
const toolUse = z.strictObject({
  type: z.literal('tool_use'),
  id: z.string(),
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
  cache_control: cacheControl,
});
const toolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(z.discriminatedUnion('type', [text, image, document]))]).optional(),
  is_error: z.boolean().optional(),
  cache_control: cacheControl,
});
const block = z.discriminatedUnion('type', [text, image, document, thinking, redactedThinking, toolUse, toolResult]);

const tool = z.strictObject({
  name: z.string(),
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal('object') }),
  type: z.literal('custom').optional(),
  eager_input_streaming: z.boolean().nullish(),
  cache_control: cacheControl,
});

const requestShape = z.strictObject({
  model: z.string().min(1),
  max_tokens: z.int().min(1),
  stream: z.boolean().optional(),
  system: z.union([z.string(), z.array(text)]).optional(),
  messages: z
    .array(z.strictObject({ role: z.enum(['user', 'assistant']), content: z.union([z.string(), z.array(block)]) }))
    .min(1)
    .max(100_000),
  tools: z.array(tool).optional(),
  tool_choice: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('auto'), disable_parallel_tool_use: z.boolean().optional() }),
      z.strictObject({ type: z.literal('any'), disable_parallel_tool_use: z.boolean().optional() }),
      z.strictObject({ type: z.literal('tool'), name: z.string(), disable_parallel_tool_use: z.boolean().optional() }),
      z.strictObject({ type: z.literal('none') }),
    ])
    .optional(),
  thinking: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('adaptive'), display: z.enum(['summarized', 'omitted']).optional() }),
      z.strictObject({ type: z.literal('disabled') }),
      z.strictObject({
        type: z.literal('enabled'),
        budget_tokens: z.int().min(1_024),
        display: z.enum(['summarized', 'omitted']).optional(),
      }),
    ])
    .optional(),
  output_config: z.strictObject({ effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).optional() }).optional(),
  stop_sequences: z.array(z.string()).optional(),
  temperature: z.number().min(0).max(1).optional(),
  top_p: z.number().optional(),
  top_k: z.int().optional(),
  metadata: z.strictObject({ user_id: z.string().max(256).optional() }).optional(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
});

export type MessagesRequest = z.output<typeof requestShape>;
export type Message = MessagesRequest['messages'][number];
export type Block = z.output<typeof block>;

export const readShape = (body: unknown): { readonly request: MessagesRequest } | { readonly broken: readonly BrokenRule[] } => {
  const read = requestShape.safeParse(body);
  if (read.success) return { request: read.data };
  return { broken: read.error.issues.map(({ path, message }) => ({ rule: 'shape', message: `${path.join('.')}: ${message}` })) };
};

/** Content as blocks: a string is short for one text. */
export const blocksOf = ({ content }: Message): readonly Block[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : content;
