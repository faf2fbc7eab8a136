import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { MODEL_PROVIDERS } from '../domain/agent/model-reference.ts';
import { BUILT_IN_PRICES, type Price, type Prices } from '../domain/budget/prices.ts';
import { describe } from '../domain/shared/brand.ts';
import { nearestName } from '../domain/shared/nearest-name.ts';
import { present } from '../domain/shared/present.ts';
import { findJsonFaults } from './json-faults.ts';
import { type ConfigProblem, error, keyPath, suggestion, warning } from './problems.ts';
import { readText } from './read-text.ts';
import { JSON_HINTS } from './read-workspace-file.ts';
import type { ConfigSources } from './sources.ts';
import { wrongShape } from './wrong-shape.ts';

/** The file of prices, beside `workspace_config.json`. */
const PRICES_FILE = 'prices.json';

/** The path of the prices, beside this file of workspaces. */
export const pricesBeside = (path: string): string => join(dirname(path), PRICES_FILE);

/** The prices beside a file of workspaces, which problems call `file`. Without a file, those that are built in. */
export const readPricesBeside = (path: string, file: string, sources: ConfigSources): ReadPrices => {
  const named = `${file.slice(0, -basename(file).length)}${PRICES_FILE}`;
  const text = readText(pricesBeside(path), named, sources);
  if (!text.ok) return builtIn(named, [text.error]);
  return text.value === undefined ? builtIn(named, []) : readPrices(named, text.value);
};

const builtIn = (file: string, problems: readonly ConfigProblem[]): ReadPrices => ({
  prices: BUILT_IN_PRICES,
  problems,
  file,
  written: [],
});

export interface ReadPrices {
  readonly prices: Prices;
  readonly problems: readonly ConfigProblem[];
  /** How problems name the file, and the names of its entries that count. */
  readonly file: string;
  readonly written: readonly string[];
}

/** Dearer ones are a mistake in the unit: prices are in dollars per million tokens. */
const MAX_RATE = 10_000;
const MAX_CALL = 1_000;

const rate = z.number().min(0).max(MAX_RATE);
const entry = {
  input: rate.optional(),
  output: rate.optional(),
  cacheRead: rate.optional(),
  cacheWrite: rate.optional(),
  call: z.number().min(0).max(MAX_CALL).optional(),
  asOf: z.string(),
};
const entrySchema = z.strictObject(entry);
const KEYS = Object.keys(entry);
const fileSchema = z.record(z.string(), z.unknown());

/** More are no configuration, but a mistake. */
const MAX_ENTRIES = 1_000;
/** `<provider>/<model>`; a model may have further parts, as those of OpenRouter have. */
const NAME = /^[a-z\d@][\w.@-]*(?:\/[\w.:@-]+)+$/i;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Reads the prices of a file, by which entries of the built-in table are replaced as wholes. Every problem is an error
 * with its place: a wrong price is worse than none. An entry with a problem is left out.
 */
export const readPrices = (file: string, source: string): ReadPrices => {
  const json = source.replace(/^\uFEFF/, '');
  const faults = findJsonFaults(json);
  const problems = faults.map(({ line, column, problem, kind }) =>
    error(`${file}: line ${line}, column ${column}`, problem, JSON_HINTS[kind]),
  );
  if (faults.some(({ kind }) => kind === 'syntax')) return builtIn(file, problems);
  const content = fileSchema.safeParse(JSON.parse(json));
  if (!content.success) {
    const hint = 'write {"anthropic/claude-opus-5-5": {"input": 4, "output": 20, "asOf": "2026-11-29"}}';
    return builtIn(file, [...problems, error(file, 'this must be an object in { }', hint)]);
  }
  const entries = Object.entries(content.data);
  if (entries.length > MAX_ENTRIES) return builtIn(file, [error(file, `has ${entries.length} prices`, `keep at most ${MAX_ENTRIES}`)]);
  const prices = new Map(BUILT_IN_PRICES);
  const first = new Map<string, string>();
  const written: string[] = [];
  for (const [name, value] of entries) {
    const place = `${file}: ${keyPath([name])}`;
    const same = first.get(name.toLowerCase());
    first.set(name.toLowerCase(), name);
    const read =
      same === undefined ? readEntry(name, value, place) : [error(place, `differs from ${same} only in its case`, 'keep one of them')];
    if (Array.isArray(read)) problems.push(...read);
    else {
      problems.push(...ofNoEffect(name, read, place));
      prices.set(name.toLowerCase(), read);
      written.push(name);
    }
  }
  return { prices, problems, file, written };
};

/** What is written of a model and tells nothing of it. */
const ofNoEffect = (name: string, { tokens }: Price, place: string): readonly ConfigProblem[] => {
  const provider = providerOf(name);
  if (provider === 'rehearsal') return [warning(place, 'the rehearsal model costs nothing: this price does not count', 'remove it')];
  return tokens || !MODEL_PROVIDERS.some((known) => known === provider)
    ? []
    : [
        warning(
          place,
          'this names no price of tokens, so what a model costs is not known',
          'add "input" and "output": "call" alone is for tools',
        ),
      ];
};

/** Whose models, or which service's tools, an entry is of; a package that begins with `@` has two parts. */
const providerOf = (name: string): string => /^(?:@[^/]+\/)?[^/]+/.exec(name.toLowerCase())?.[0] ?? '';

/** Services whose tools have a price. */
const SERVICES = ['perplexity'];

/** Entries of which nothing is asked. `asked`: the names under which models are. */
export const unaskedPrices = (
  { written, file }: Pick<ReadPrices, 'written' | 'file'>,
  asked: readonly string[],
): readonly ConfigProblem[] => {
  const own = asked.map((name) => providerOf(name.replace(/^ai-sdk:/, '')));
  const known = [...new Set([...MODEL_PROVIDERS, ...SERVICES, ...own])];
  return written.flatMap((name) => {
    const provider = providerOf(name);
    if (known.includes(provider)) return [];
    const hint = suggestion(nearestName(provider, known), `there are: ${known.filter((each) => each !== 'rehearsal').join(', ')}`);
    return [warning(`${file}: ${keyPath([name])}`, `no model and no tool is asked under ${describe(provider)}`, hint)];
  });
};

const readEntry = (name: string, value: unknown, place: string): Price | ConfigProblem[] => {
  if (!NAME.test(name)) return [error(place, 'this is no name of a model', 'write <provider>/<model>, such as "openai/gpt-5.5"')];
  const checked = entrySchema.safeParse(value);
  if (!checked.success) return checked.error.issues.flatMap((issue) => shapeProblems(place, issue));
  const { input, output, cacheRead, cacheWrite, call, asOf } = checked.data;
  if (!DAY.test(asOf) || new Date(`${asOf}T00:00:00Z`).toJSON()?.slice(0, 10) !== asOf)
    return [error(`${place}.asOf`, 'this is no day', 'write the day on which the price was right, such as "2026-11-29"')];
  if (input === undefined && output === undefined && cacheRead === undefined && cacheWrite === undefined)
    return call === undefined ? [error(place, 'this names no price', 'add "input" and "output", or "call" for a tool')] : { call, asOf };
  if (input === undefined || output === undefined) {
    const missing = input === undefined ? 'input' : 'output';
    return [error(`${place}.${missing}`, 'this required key is missing', 'add it: US dollars per million tokens')];
  }
  return { tokens: { input, output, ...present({ cacheRead, cacheWrite }) }, asOf, ...present({ call }) };
};

const shapeProblems = (place: string, issue: z.core.$ZodIssue): ConfigProblem[] => {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) =>
      error(`${place}.${key}`, 'this key is not known', suggestion(nearestName(key, KEYS), `known here: ${KEYS.join(', ')}`)),
    );
  const at = issue.path.length === 0 ? place : `${place}.${keyPath(issue.path)}`;
  if (issue.code === 'invalid_type' && issue.expected === 'number' && !/ undefined$/.test(issue.message))
    return [error(at, 'this must be a number', 'write it without quotes, in US dollars')];
  if (issue.code === 'too_small') return [error(at, 'this must not be below 0', 'write 0 for what is free')];
  if (issue.code === 'too_big') return [error(at, 'this is too much', 'prices are in US dollars per million tokens, "call" per call')];
  const problem = wrongShape(at, issue);
  return [/configuration\.md/.test(problem.hint) ? { ...problem, hint: 'see docs/how-to/budgets-and-prices.md' } : problem];
};
