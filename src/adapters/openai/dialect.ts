import { EFFORTS, type Effort } from '../../domain/agent/agent.ts';
import type { Unshown } from '../../ports/adapter-kit/shown-media.ts';
import type { ApiErrorBody } from './api-error.ts';
import type { ThoughtRule } from './thoughts.ts';

export type LimitName = 'max_completion_tokens' | 'max_tokens';

/** How a server wants to be asked, as far as its refusals have told. */
export interface Dialect {
  /** The names of the limit of an answer that it may know; the first is used, and none where there is none. */
  readonly limitNames: readonly LimitName[];
  /** Optional parameters that it refuses. */
  readonly omitted: readonly string[];
  /** It wants a reasoning model's tools to be used without reasoning. */
  readonly toolsWithoutEffort?: true;
  /** The efforts that the model knows; absent: any. */
  readonly efforts?: readonly Effort[];
  /** The model can't call tools. */
  readonly withoutTools?: true;
  /** Its template has no place for instructions: they stand before what the first person says. */
  readonly withoutSystem?: true;
  /** A message of calls alone needs a text: an empty one. */
  readonly withoutNull?: true;
  readonly thoughts?: ThoughtRule;
  /** The longest answer that the model gives, in tokens. */
  readonly maxOutput?: number;
  readonly window?: ModelWindow;
  /** The media that it does not take. */
  readonly unshown: Unshown;
}

/** What a request and its answer may have together. */
export interface ModelWindow {
  readonly tokens: number;
  /** Characters of a request that made a token of its last refused one. */
  readonly charactersPerToken: number;
}

/** A request that was refused, as far as a dialect decides on it. */
export interface SentRequest {
  readonly names: readonly string[];
  readonly limit: number | undefined;
  readonly characters: number;
  /** A message of calls alone is among its messages. */
  readonly hasNull: boolean;
  /** A message of the model's is among its messages. */
  readonly hasSpoken: boolean;
}

/** An answer that is shorter is of no use: the request itself is too long. */
export const MIN_OUTPUT_TOKENS = 256;
/** What a server adds to a conversation by its template, in tokens. */
const MARGIN_TOKENS = 32;
const USUAL_CHARACTERS_PER_TOKEN = 3;

/** What every request has; all else may be left out. */
const REQUIRED: ReadonlySet<string> = new Set(['model', 'messages', 'tools', 'max_tokens', 'max_completion_tokens']);

/** How long an answer may be to a request of so many characters; `wanted` where the server has said nothing of it. */
export const limitFor = ({ maxOutput = Infinity, window }: Dialect, wanted: number, characters: number): number =>
  Math.min(wanted, maxOutput, window ? Math.max(MIN_OUTPUT_TOKENS, roomIn(window, characters)) : Infinity);

const roomIn = ({ tokens, charactersPerToken }: ModelWindow, characters: number): number =>
  tokens - Math.ceil((characters / charactersPerToken) * 1.02) - MARGIN_TOKENS;

/** The effort that a request is sent with: the nearest that the model knows, the lesser of two. */
export const effortFor = ({ efforts, toolsWithoutEffort }: Dialect, wanted: Effort | undefined, hasTools: boolean): Effort | undefined => {
  const effort = toolsWithoutEffort && hasTools ? 'none' : wanted;
  if (effort === undefined || !efforts) return effort;
  const distance = (known: Effort): number => Math.abs(EFFORTS.indexOf(known) - EFFORTS.indexOf(effort));
  return EFFORTS.filter((known) => efforts.includes(known)).sort((one, other) => distance(one) - distance(other))[0];
};

/** The dialect in which a refused request may be asked again; undefined where the refusal is about something else. */
export const learnDialect = (dialect: Dialect, sent: SentRequest, refusal: ApiErrorBody): Dialect | undefined => {
  for (const rule of RULES) {
    const learned = rule(dialect, sent, refusal);
    if (learned) return learned;
  }
  return undefined;
};

type Rule = (dialect: Dialect, sent: SentRequest, refusal: ApiErrorBody) => Dialect | undefined;

/** DeepSeek, Kimi; Gemini; and those that refuse what they have sent: Cerebras, Groq, Mistral. */
const thoughtRule: Rule = (dialect, { hasSpoken }, { message }) => {
  if (dialect.thoughts !== undefined || !hasSpoken || !THOUGHTS.test(message)) return undefined;
  if (REFUSES.test(message)) return { ...dialect, thoughts: 'refused' };
  if (!/missing|required|requires|passed back|\bmust\b/i.test(message)) return undefined;
  return { ...dialect, thoughts: /signature/i.test(message) ? 'thought_signature' : 'reasoning_content' };
};
const THOUGHTS =
  /\breasoning_(?:content|details)\b|\bthought_?signature\b|\bextra_content\b|\bprovider_specific_fields\b|\b(?:messages|assistant)\b.{0,30}\breasoning\b/i;

const toolsWithoutEffort: Rule = (dialect, { names }, { message }) => {
  if (dialect.toolsWithoutEffort || dialect.omitted.includes('reasoning_effort') || !names.includes('tools')) return undefined;
  return /\breasoning[_ ]effort\b/i.test(message) && /\btools\b/i.test(message) ? { ...dialect, toolsWithoutEffort: true } : undefined;
};

/** `Supported values are: 'low' and 'high'.`, `Input should be 'low' or 'high'`, `must be one of …` */
const knownEfforts: Rule = (dialect, { names }, { param, message }) => {
  if (dialect.efforts || !names.includes('reasoning_effort') || !/reasoning|effort|\bthink/i.test(`${param} ${message}`)) return undefined;
  const [, listed = ''] = /(?:values are|should be|must be|one of|expected)\b(.*)/is.exec(message) ?? [];
  const efforts = EFFORTS.filter((effort) => new RegExp(`\\b${effort}\\b`).test(listed));
  return efforts.length === 0 ? undefined : { ...dialect, efforts };
};

const smallerLimit: Rule = (dialect, { limit, characters }, { message }) => {
  if (limit === undefined) return undefined;
  const window = windowIn(message, limit, characters);
  if (window) {
    const room = roomIn(window, characters);
    return room >= MIN_OUTPUT_TOKENS && room < limit ? { ...dialect, window } : undefined;
  }
  const most = numberAfter(MOST_OUTPUT, message);
  return most !== undefined && most > 0 && most < limit ? { ...dialect, maxOutput: most } : undefined;
};

const otherLimitName: Rule = (dialect, { names }, refusal) => {
  const [name, ...others] = dialect.limitNames;
  if (name === undefined || !names.includes(name)) return undefined;
  const isRefused = isAbout(name, refusal) && REFUSES.test(refusal.message);
  const isOtherWanted = others.some((other) => isAbout(other, refusal)) && WANTS.test(refusal.message);
  return isRefused || isOtherWanted ? { ...dialect, limitNames: others } : undefined;
};

const withoutOptional: Rule = (dialect, { names }, refusal) => {
  const isRefused = (name: string): boolean =>
    isAbout(name, refusal) || (Boolean(ALSO_CALLED[name]?.test(refusal.message)) && REFUSES.test(refusal.message));
  const refused = names.filter((name) => !REQUIRED.has(name) && isRefused(name));
  return refused.length === 0 ? undefined : { ...dialect, omitted: [...dialect.omitted, ...refused] };
};

/** Words that stand for a parameter in a refusal, and in many another message. */
const ALSO_CALLED: Readonly<Record<string, RegExp>> = {
  stream: /\bstream(?:ing)?\b/i,
  reasoning_effort: /\breasoning(?:[ .]?effort)?\b|\bthinking\b/i,
  tool_choice: /\btool[ -]choice\b/i,
};

const withoutTools: Rule = (dialect, { names }, { param, message }) => {
  const isRefused = (param === 'tools' || TOOLS_AS_A_WHOLE.test(message)) && REFUSES.test(message);
  const hasNone = isRefused || CANT_CALL.some((words) => words.test(message));
  return names.includes('tools') && hasNone ? { ...dialect, withoutTools: true } : undefined;
};

/** Gemma's template, and OpenAI's first reasoning models. */
const withoutSystem: Rule = (dialect, _, { message }) => {
  const isRefused = /\bsystem\b['"`]? (?:role|message|prompt)|\brole\b.{0,30}\bsystem\b/i.test(message) && REFUSES.test(message);
  return isRefused && !dialect.withoutSystem ? { ...dialect, withoutSystem: true } : undefined;
};

const withoutNull: Rule = (dialect, { hasNull }, { message }) => {
  const isRefused = /\bcontent\b/i.test(message) && /\bnull\b|\bNone\b|string|required|missing|empty/i.test(message);
  return isRefused && hasNull && !dialect.withoutNull ? { ...dialect, withoutNull: true } : undefined;
};

/** The first that knows what a refusal is about decides: what is said of one parameter may mention another. */
const RULES: readonly Rule[] = [
  ...[
    thoughtRule,
    toolsWithoutEffort,
    knownEfforts,
    smallerLimit,
    otherLimitName,
    withoutOptional,
    withoutTools,
    withoutSystem,
    withoutNull,
  ],
];

/** Whether a refusal names a parameter, in its field for it or in its words. */
const isAbout = (name: string, { param, message }: ApiErrorBody): boolean =>
  param === name || (name !== 'stream' && new RegExp(`(?<![\\w.])${name}(?!\\w)`, 'i').test(message));

/** Words for "I don't take that". */
const REFUSES = new RegExp(
  [
    'unsupported|unrecogni[sz]ed|unknown|unexpected|deprecated|forbidden',
    'extra[_ ](?:inputs|fields|forbidden)|additional propert|invalid (?:parameter|argument|field|property)',
    "(?:not|n't) (?:be )?(?:supported|support|permitted|allowed|accepted|available|recogni[sz]ed|valid)",
    'use [\'"`]?max_',
  ].join('|'),
  'i',
);
const WANTS = /required|requires|missing|\buse\b|instead/i;

/** The parameter itself, and no part of a tool. */
const TOOLS_AS_A_WHOLE = /(?<![\w.])tools(?![\w.[]|['"], ?\d)/;
const CALLING = '(?:tools?|functions?|(?:tool|function)[- _](?:use|calls?|calling))';
/** Ollama, OpenRouter, vLLM, llama.cpp, Groq, Together and others. */
const CANT_CALL: readonly RegExp[] = [
  new RegExp(`(?:not|n't) (?:currently )?support (?:the use of )?${CALLING}`, 'i'),
  new RegExp(`\\b${CALLING}[\`'"]?(?: (?:is|are))?(?: not|n't) (?:supported|enabled|available|allowed)`, 'i'),
  /no endpoints found that support tool use|--enable-auto-tool-choice|tools? param(?:eter)? requires/i,
];

const MOST_OUTPUT: readonly RegExp[] = [
  /supports at most (\d+)/i,
  /(?:max[_ ](?:completion_|new_|output_)?tokens|output tokens)\D{0,40}(?:must be )?(?:less than or equal to|<=|at most|no more than|cannot exceed|not exceed)\D{0,3}(\d+)/i,
  /valid range of max_(?:completion_)?tokens is \[\d+, ?(\d+)\]/i,
  /> ?(\d+), which is the maximum allowed number of output tokens/i,
  /maximum (?:value|number)[^.\d]{0,60}?(?:output|completion|max_(?:completion_)?)[ _]?tokens\D{0,20}(\d+)/i,
];

/** `input + limit > window`, or the other way round, with words between. */
const SUM = /(\d+)[^\d+>]{0,40}\+[^\d>]{0,40}(\d+)[^\d>]{0,40}>[^\d]{0,40}(\d+)/;
/** The window as a refusal tells it: OpenAI, vLLM, SGLang; Text Generation Inference. */
const WINDOW: readonly RegExp[] = [
  /(?:context|model)(?:'s)?(?: maximum)? (?:length|window|size|limit)[^\d]{0,40}(\d+)/i,
  /`?inputs`? tokens \+ `?max_new_tokens`? must be <= ?(\d+)/i,
];
/** How many tokens the request has, in the same words. */
const INPUT: readonly RegExp[] = [
  /(\d+) (?:tokens )?(?:in|from|of) (?:the |your )?(?:messages|prompt|input)/i,
  /(?<!at least )\b(\d+) (?:`?inputs?`?|prompt) tokens/i,
  /(?:prompt|input|messages|request)(?: (?:contains?|has|have|is|are|resulted in))? \(?(\d+)/i,
];

const windowIn = (message: string, limit: number, characters: number): ModelWindow | undefined => {
  const [, one, other, most] = (SUM.exec(message) ?? []).map(Number);
  const tokens = most ?? numberAfter(WINDOW, message);
  if (!tokens) return undefined;
  const input = most === undefined ? numberAfter(INPUT, message) : one === limit ? other : one;
  return { tokens, charactersPerToken: input ? characters / input : USUAL_CHARACTERS_PER_TOKEN };
};

const numberAfter = (patterns: readonly RegExp[], message: string): number | undefined => {
  const found = patterns.map((pattern) => pattern.exec(message)?.[1]).find((digits) => digits !== undefined);
  return found === undefined ? undefined : Number(found);
};
