import { asCount, asFields, asList, asText, type Fields } from './read-by-type.ts';
import { thoughtIn, thoughtOfCall } from './thoughts.ts';

/** A part of a tool call, as much as came of it. */
export interface CallPart {
  readonly index?: number | undefined;
  readonly id?: string | undefined;
  readonly tool?: string | undefined;
  /** JSON, or a piece of it. */
  readonly json: string;
  /** What its server wants back with it. */
  readonly thought?: Fields | undefined;
}

export interface Chunk {
  readonly model?: string | undefined;
  readonly text: string;
  readonly refusal: string;
  /** The fields that hold what the model thinks. */
  readonly thought: Fields;
  readonly calls: readonly CallPart[];
  /** The word for why the reply ends; empty where a server sends an empty one. */
  readonly finish?: string | undefined;
  readonly hasChoice: boolean;
  /** Its text is all of the reply's: where parts of that came before, it says them again (MiniMax). */
  readonly isWhole: boolean;
  readonly counts: Counts;
}

/** Tokens as the API counts them: those of the prompt hold the cached ones. */
export interface Counts {
  readonly prompt: number;
  readonly completion: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

/** A chunk of a reply, or a whole one, as compatible servers may send it: each field is read by what it is. */
export const readChunk = (data: unknown): Chunk => {
  const chunk = asFields(asList(data)[0]) ?? {};
  const choice = asFields(asList(chunk.choices)[0]);
  const said = asFields(choice?.delta) ?? asFields(choice?.message) ?? {};
  const content = said.content ?? choice?.text;
  return {
    model: asText(chunk.model) || undefined,
    text: textOf(content),
    refusal: (asText(said.refusal) ?? '') + textOf(content, 'refusal'),
    thought: thoughtIn(said),
    calls: [...asList(said.tool_calls), ...asList(said.function_call)].flatMap(callPart),
    finish: asText(choice?.finish_reason),
    hasChoice: choice !== undefined,
    isWhole: asFields(choice?.delta) === undefined && asFields(choice?.message) !== undefined,
    counts: countsOf(chunk, choice ?? {}),
  };
};

/** Content is a text, or parts of which some are text: what a model thinks is another kind of part. */
const textOf = (content: unknown, kind: 'text' | 'refusal' = 'text'): string => {
  if (typeof content === 'string') return kind === 'text' ? content : '';
  return asList(content)
    .map((part) => {
      if (typeof part === 'string') return kind === 'text' ? part : '';
      const fields = asFields(part);
      const type = asText(fields?.type) ?? 'text';
      return type === kind || type === `output_${kind}` ? (asText(fields?.[kind]) ?? '') : '';
    })
    .join('');
};

const callPart = (part: unknown): readonly CallPart[] => {
  const call = asFields(part);
  if (!call) return [];
  const named = asFields(call.function) ?? call;
  const id = call.id;
  return [
    {
      index: asCount(call.index),
      id: asText(id) || (typeof id === 'number' ? String(id) : undefined),
      tool: asText(named.name) || undefined,
      json: jsonOf(named.arguments),
      thought: thoughtOfCall(call),
    },
  ];
};

/** Arguments come as JSON, or, from servers that forget to write it, as what it stands for. */
const jsonOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
};

/** Usage stands in the chunk, in its choice (Moonshot), or under a name of the server's own (Groq). */
const countsOf = (chunk: Fields, choice: Fields): Counts => {
  const usage = asFields(chunk.usage) ?? asFields(choice.usage) ?? asFields(asFields(chunk.x_groq)?.usage) ?? {};
  const details = asFields(usage.prompt_tokens_details) ?? asFields(usage.input_tokens_details) ?? {};
  const first = (...counts: readonly unknown[]): number => counts.map(asCount).find((count) => count !== undefined) ?? 0;
  const prompt = first(usage.prompt_tokens, usage.input_tokens);
  return {
    prompt,
    // Gemini and xAI count thoughts in the sum alone.
    completion: Math.max(first(usage.completion_tokens, usage.output_tokens), first(usage.total_tokens) - prompt),
    cacheRead: first(details.cached_tokens, usage.prompt_cache_hit_tokens, usage.cached_tokens),
    cacheWrite: first(details.cache_write_tokens),
  };
};
