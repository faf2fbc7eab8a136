import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { BrokenRule } from '../broken-rule.ts';
import { type Breaks, TOOL_NAME } from './breaks.ts';
import { checkPdfUrl, checkPictureUrl } from './media.ts';

/**
 * Which fields a request may have, and of which types (https://platform.openai.com/docs/api-reference/responses/create).
 * Only what a client of tools of its own sends, and stores nothing, is described.
 */
const status = z.enum(['in_progress', 'completed', 'incomplete']).nullish();
const phase = z.enum(['commentary', 'final_answer']).nullish();
const inputPart = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('input_text'), text: z.string() }),
  z.strictObject({
    type: z.literal('input_image'),
    image_url: z.string().regex(/^(data:image\/(png|jpeg|gif|webp);base64,|https:\/\/)/),
    detail: z.enum(['auto', 'low', 'high', 'original']).optional(),
  }),
  z.strictObject({ type: z.literal('input_file'), filename: z.string().optional(), file_data: z.string().startsWith('data:') }),
]);
const outputPart = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('output_text'),
    text: z.string(),
    annotations: z.array(z.unknown()).optional(),
    logprobs: z.array(z.unknown()).optional(),
  }),
  z.strictObject({ type: z.literal('refusal'), refusal: z.string() }),
]);
const said = z.strictObject({
  type: z.literal('message').optional(),
  role: z.literal('assistant'),
  content: z.union([z.string(), z.array(outputPart)]),
  id: z.string().startsWith('msg_').optional(),
  status,
  phase,
});
const asked = z.strictObject({
  type: z.literal('message').optional(),
  role: z.enum(['user', 'developer', 'system']),
  content: z.union([z.string(), z.array(inputPart).min(1)]),
});
const call = z.strictObject({
  type: z.literal('function_call'),
  call_id: z.string().min(1).max(64),
  name: z.string().regex(TOOL_NAME),
  arguments: z.string().refine(isObjectJson, 'is an object in JSON'),
  id: z.string().startsWith('fc_').optional(),
  status,
});
const result = z.strictObject({
  type: z.literal('function_call_output'),
  call_id: z.string().min(1).max(64),
  output: z.union([z.string(), z.array(inputPart)]),
  id: z.string().optional(),
  status,
});
const thought = z.strictObject({
  type: z.literal('reasoning'),
  id: z.string().startsWith('rs_'),
  summary: z.array(z.strictObject({ type: z.literal('summary_text'), text: z.string() })),
  content: z.array(z.strictObject({ type: z.literal('reasoning_text'), text: z.string() })).optional(),
  encrypted_content: z.string().min(1, 'is needed where nothing is stored'),
  status,
});
const item = z.union([said, asked, call, result, thought]);

const tool = z.strictObject({
  type: z.literal('function'),
  name: z.string().regex(TOOL_NAME),
  description: z.string().nullish(),
  parameters: z.looseObject({ type: z.literal('object'), properties: z.looseObject({}) }),
  strict: z.boolean().nullish(),
});

const requestShape = z.strictObject({
  model: z.string().min(1),
  input: z.array(item).min(1),
  instructions: z.string().min(1).optional(),
  stream: z.boolean().optional(),
  store: z.literal(false, 'everything said would be kept at the server'),
  include: z.array(z.enum(['reasoning.encrypted_content'])).optional(),
  max_output_tokens: z.int().min(16).optional(),
  reasoning: z
    .strictObject({
      effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).optional(),
      summary: z.enum(['auto', 'concise', 'detailed']).optional(),
    })
    .optional(),
  tools: z.array(tool).min(1).max(128).optional(),
  tool_choice: z.enum(['none', 'auto', 'required']).optional(),
  parallel_tool_calls: z.boolean().optional(),
  prompt_cache_key: z.string().optional(),
});

export type ResponsesRequest = z.output<typeof requestShape>;
export type Item = z.output<typeof item>;

/** The rules of the Responses API that a request breaks; `thoughts` remembers what the server has sent, if it does. */
export const brokenResponsesRules = (body: unknown, thoughts?: SentThoughts): readonly BrokenRule[] => {
  const read = requestShape.safeParse(body);
  if (!read.success) return read.error.issues.map(({ path, message }) => ({ rule: 'shape', message: `${path.join('.')}: ${message}` }));
  const { input, tools = [], tool_choice: choice } = read.data;
  const names = tools.map(({ name }) => name);
  return [
    ...(new Set(names).size === names.length ? [] : [{ rule: 'tool-name-twice', message: 'tools: names must be unique' }]),
    ...(choice !== undefined && tools.length === 0 ? [{ rule: 'choice-with-tools', message: 'tool_choice goes with tools only' }] : []),
    ...tools.flatMap(strictRules),
    ...mediaRules(input),
    ...pairRules(input),
    ...orderRules(input),
    ...(thoughts?.rules(read.data) ?? []),
  ];
};

/** Functions are strict unless they say otherwise; then every property is required, and there is no other. */
const strictRules = ({ name, strict, parameters }: z.output<typeof tool>): readonly BrokenRule[] => {
  if (strict === false) return [];
  const properties = Object.keys(parameters.properties);
  const required = Array.isArray(parameters.required) ? parameters.required : [];
  return parameters.additionalProperties === false && properties.every((property) => required.includes(property))
    ? []
    : [{ rule: 'strict-schema', message: `Invalid schema for function '${name}': 'additionalProperties' is required to be false` }];
};

/** Pictures and files that people send are readable. */
const mediaRules = (input: readonly Item[]): readonly BrokenRule[] => {
  const broken: BrokenRule[] = [];
  const breaks: Breaks = (rule, message) => {
    broken.push({ rule, message });
    return false;
  };
  for (const [n, one] of input.entries())
    if ('role' in one && one.role !== 'assistant' && typeof one.content === 'object')
      for (const [at, part] of one.content.entries()) {
        const place = `input[${n}].content[${at}]`;
        if (part.type !== 'input_text' && one.role !== 'user') breaks('media-role', `${place}: ${part.type} is a person's alone`);
        if (part.type === 'input_image') checkPictureUrl(part.image_url, `${place}.image_url`, breaks);
        if (part.type === 'input_file') checkPdfUrl(part.file_data, part.filename, `${place}.file_data`, breaks);
      }
  return broken;
};

/** Every call has its one result behind it, and no result stands without its call. */
const pairRules = (input: readonly Item[]): readonly BrokenRule[] => {
  const broken: BrokenRule[] = [];
  const open = new Set<string>();
  const seen = new Set<string>();
  for (const one of input) {
    if (isCall(one)) {
      if (seen.has(one.call_id)) broken.push({ rule: 'call-id-twice', message: `call_id ${one.call_id} stands there twice` });
      seen.add(one.call_id);
      open.add(one.call_id);
    }
    if (isResult(one) && !open.delete(one.call_id))
      broken.push({ rule: 'result-orphaned', message: `No tool call found for function call output with call_id ${one.call_id}.` });
  }
  for (const id of open) broken.push({ rule: 'result-missing', message: `No tool output found for function call ${id}.` });
  return broken;
};

/** A thought stands before what it was thought for. */
const orderRules = (input: readonly Item[]): readonly BrokenRule[] =>
  input.flatMap((one, at) => {
    const next = input[at + 1];
    if (!isThought(one) || (next && (isThought(next) || isCall(next) || isSaid(next)))) return [];
    return [{ rule: 'thought-alone', message: `Item '${one.id}' of type 'reasoning' was provided without its required following item.` }];
  });

/**
 * Remembers the items that it has sent with thoughts among them: those go back unmodified and all together, or none.
 */
export const makeSentThoughts = () => {
  const replies: (readonly Item[])[] = [];
  return {
    issue: (output: readonly Item[]): void => void (output.some(isThought) && replies.push(output)),
    rules: ({ input }: ResponsesRequest): readonly BrokenRule[] =>
      input.filter(isThought).flatMap((one): readonly BrokenRule[] => {
        const reply = replies.find((output) => output.some((sent) => isThought(sent) && sent.encrypted_content === one.encrypted_content));
        if (!reply) return [{ rule: 'thought-unknown', message: `The encrypted content for item ${one.id} could not be verified.` }];
        const begin = input.indexOf(one) - reply.findIndex((sent) => isThought(sent) && sent.encrypted_content === one.encrypted_content);
        const returned = input.slice(begin, begin + reply.length);
        return isDeepStrictEqual(returned, reply)
          ? []
          : [{ rule: 'thought-moved', message: `Item '${one.id}' of type 'reasoning' was provided without its required following item.` }];
      }),
  };
};
export type SentThoughts = ReturnType<typeof makeSentThoughts>;

const isCall = (one: Item): one is z.output<typeof call> => one.type === 'function_call';
const isResult = (one: Item): one is z.output<typeof result> => one.type === 'function_call_output';
const isThought = (one: Item): one is z.output<typeof thought> => one.type === 'reasoning';
const isSaid = (one: Item): boolean => 'role' in one && one.role === 'assistant';

function isObjectJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
