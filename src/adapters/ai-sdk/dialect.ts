import type { Unshown } from '../../ports/adapter-kit/shown-media.ts';
import type { PortError } from '../../ports/port-error.ts';
import type { CallOptions } from './spec.ts';

/** How a model wants to be asked, as far as its refusals have told. */
export interface Dialect {
  /** The longest answer that it gives, in tokens. */
  readonly maxOutput?: number;
  /** It can't be told how much to think. */
  readonly withoutEffort?: true;
  /** The media that it does not take. */
  readonly unshown: Unshown;
}

/** A shorter answer is of no use. */
const MIN_OUTPUT_TOKENS = 1_024;

export const inDialect = ({ maxOutput = Infinity, withoutEffort }: Dialect, options: CallOptions): CallOptions => {
  const { reasoning, ...others } = options;
  const effort = withoutEffort || reasoning === undefined ? {} : { reasoning };
  return { ...others, ...effort, maxOutputTokens: Math.min(options.maxOutputTokens, maxOutput) };
};

/**
 * The dialect in which a refused request may be asked again; undefined where the refusal is about something else.
 * Packages hide how their API names its parameters, so that only the words of the refusal can tell.
 */
export const learnDialect = (dialect: Dialect, sent: CallOptions, { code, message }: PortError): Dialect | undefined => {
  if (code !== 'invalid-request') return undefined;
  if (LIMIT.test(message)) {
    const least = Math.max(MIN_OUTPUT_TOKENS, numberBelow(sent.maxOutputTokens, message) ?? Math.floor(sent.maxOutputTokens / 2));
    return least < sent.maxOutputTokens ? { ...dialect, maxOutput: least } : undefined;
  }
  return sent.reasoning !== undefined && EFFORT.test(message) ? { ...dialect, withoutEffort: true } : undefined;
};

/** `max_tokens: 64000 > 8192`, `maxOutputTokens must be at most 8192`, `maximum tokens you requested exceeds …` */
const LIMIT = /\bmax\w*[_ ]?(?:output|completion|new)?[_ ]?tokens\b|\bmaximum (?:number of )?(?:output |completion )?tokens\b/i;
const EFFORT = /\breasoning|\beffort\b|\bthinking\b/i;

/** The greatest number in the words that is less than what was asked for, and large enough to be a limit. */
const numberBelow = (asked: number, message: string): number | undefined => {
  const numbers = [...message.matchAll(/(?<![\d.])\d[\d,]{2,}(?![\d.]*\d)/g)].map(([digits]) => Number(digits.replaceAll(',', '')));
  return numbers.filter((number) => number < asked && number >= MIN_OUTPUT_TOKENS).toSorted((one, other) => other - one)[0];
};
