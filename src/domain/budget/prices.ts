import type { Usage } from '../conversation/turn.ts';
import { type MicroUsd, moneyOf } from './money.ts';

/** What tokens cost, in US dollars per million of them. */
export interface TokenRates {
  readonly input: number;
  readonly output: number;
  /** Default: as `input`. */
  readonly cacheRead?: number;
  /** Default: as `input`. */
  readonly cacheWrite?: number;
}

/** What a model, or a call of a tool, costs. */
export interface Price {
  readonly tokens?: TokenRates;
  /** What all of a request costs whose input, cached or not, has more tokens than this. */
  readonly longer?: TokenRates & { readonly above: number };
  /** In US dollars for each call, whatever it uses. */
  readonly call?: number;
  /** The day on which it was right: `2026-11-29`. */
  readonly asOf: string;
}

/** Prices by `<provider>/<model>`, or `<provider>/<name>` of a tool. */
export type Prices = ReadonlyMap<string, Price>;

const AS_OF = '2026-11-29';

/** Anthropic's cache: to write costs a quarter more than to read anew, to read from it a share of that. */
const anthropic = (input: number, output: number, readFactor: number): Required<TokenRates> => ({
  input,
  output,
  cacheRead: exact(input * readFactor),
  cacheWrite: exact(input * 1.25),
});

const exact = (usd: number): number => Math.round(usd * 1_000_000) / 1_000_000;

/** The prices that Kept knows by itself. What is not in here has no price: a wrong one is worse than none. */
export const BUILT_IN_PRICES: Prices = new Map<string, Price>([
  ['anthropic/claude-fable-5-2', { tokens: anthropic(8, 40, 0.1), asOf: AS_OF }],
  ['anthropic/claude-opus-5-5', { tokens: anthropic(4, 20, 0.05), asOf: AS_OF }],
  ['anthropic/claude-sonnet-5-5', { tokens: anthropic(2, 10, 0.05), asOf: AS_OF }],
  [
    'anthropic/claude-haiku-5-5',
    { tokens: anthropic(0.1, 0.5, 0.1), longer: { above: 100_000, ...anthropic(0.5, 2.5, 0.1) }, asOf: AS_OF },
  ],
  ['perplexity/search', { call: 0.005, asOf: AS_OF }],
]);

const FREE: Price = { tokens: { input: 0, output: 0 }, asOf: AS_OF };

/** `claude-opus-5-5-20260101`, `gpt-9-2026-01-01`: the same model, of one day. */
const DATED = /-(?:20\d{6}|20\d{2}-\d{2}-\d{2})$/;

/** The AI SDK's package of a provider is another way to its models. */
const nameFor = (model: string): string => model.replace(/^ai-sdk:/, '').toLowerCase();

/**
 * The price of a model or tool by the name under which it is asked; undefined where none is known. A model of one day
 * has the price of its model.
 */
export const priceOf = (prices: Prices, name: string): Price | undefined => {
  const wanted = nameFor(name);
  if (wanted.startsWith('rehearsal/')) return FREE;
  return prices.get(wanted) ?? prices.get(wanted.replace(DATED, ''));
};

/**
 * The name under which a reply is priced: the provider that was asked, and the model that says it replied. Providers
 * name a model with its day, or another model that an alias stands for. A name with a provider of its own is kept only
 * where it is the one that was asked.
 */
export const repliedName = (asked: string, replied: string): string => {
  const [, provider = '', model = ''] = ASKED.exec(asked) ?? [];
  const said = replied.trim();
  return ['', model.toLowerCase(), asked.toLowerCase()].includes(said.toLowerCase()) ? asked : `${provider}/${said}`;
};

/** A provider, or a package of the AI SDK, and the model behind it. */
const ASKED = /^((?:ai-sdk:)?(?:@[^/]+\/)?[^/]+)\/(.+)$/;

/** What this usage costs, rounded up to a millionth of a dollar. Undefined where the price tells nothing of it. */
export const costOf = (usage: Usage, price: Price): MicroUsd | undefined => {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = usage;
  const input = inputTokens + cacheReadTokens + cacheWriteTokens;
  const rates = price.longer && input > price.longer.above ? price.longer : price.tokens;
  if (!rates) return input + outputTokens > 0 || price.call === undefined ? undefined : moneyOf(Math.ceil(exact(price.call) * 1_000_000));
  const picos =
    picosOf(inputTokens, rates.input) +
    picosOf(outputTokens, rates.output) +
    picosOf(cacheReadTokens, rates.cacheRead ?? rates.input) +
    picosOf(cacheWriteTokens, rates.cacheWrite ?? rates.input);
  return moneyOf(Number((picos + 999_999n) / 1_000_000n) + Math.ceil(exact(price.call ?? 0) * 1_000_000));
};

/** A dollar per million tokens is a millionth of a dollar per token; a millionth of that is exact in whole numbers. */
const picosOf = (tokens: number, rate: number): bigint => BigInt(Math.floor(tokens)) * BigInt(Math.round(rate * 1_000_000));

/**
 * The most that a request can cost: every token of its input at the dearest rate of its kind, and all of its output.
 */
export const mostCostOf = (
  { inputTokens, outputTokens }: Pick<Usage, 'inputTokens' | 'outputTokens'>,
  price: Price,
): MicroUsd | undefined => {
  const rates = price.longer && inputTokens > price.longer.above ? price.longer : price.tokens;
  if (!rates) return costOf({ inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 }, price);
  const dearest = Math.max(rates.input, rates.cacheRead ?? rates.input, rates.cacheWrite ?? rates.input);
  const flat: Price = { tokens: { input: dearest, output: rates.output }, asOf: price.asOf };
  const tokens = costOf({ inputTokens, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0 }, flat);
  return tokens === undefined ? undefined : moneyOf(tokens + Math.ceil(exact(price.call ?? 0) * 1_000_000));
};
