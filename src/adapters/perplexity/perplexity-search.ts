import Perplexity from '@perplexity-ai/perplexity_ai';
import { z } from 'zod';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';
import { requireNode } from '../../domain/shared/node-version.ts';
import { present } from '../../domain/shared/present.ts';
import { boundedFetch } from '../../ports/adapter-kit/bounded-fetch.ts';
import { type ReadPatience, readService } from '../../ports/adapter-kit/read-service.ts';
import type { Clock } from '../../ports/clock.ts';
import { PortError } from '../../ports/port-error.ts';
import type { WebQuery, WebResult, WebSearch } from '../../ports/web-search.ts';
import { asPortError, WHO } from './errors.ts';

export interface PerplexityOptions {
  readonly apiKey: string;
  readonly baseUrl?: string;
  readonly clock: Clock;
  /** Default: 3 requests of 10 seconds at the most. */
  readonly patience?: Partial<ReadPatience>;
}

/** Ten results of the greatest length take a tenth of it. */
const MAX_ANSWER_BYTES = 4 * 1024 ** 2;
/** Enough to see what a page says about the query; ten of them fit into the output of a tool. */
const TOKENS_PER_PAGE = 384;
const MAX_TITLE = 300;
const MAX_SNIPPET = 1_500;

/**
 * Searches by `POST /search`. The SDK retries nothing, reads no key from the environment, and logs nothing: its own
 * retries would wait for as long as a `Retry-After` says, whatever the signal.
 */
export const makePerplexitySearch = ({ apiKey, baseUrl, clock, patience }: PerplexityOptions): WebSearch => {
  requireNode(process.versions.node);
  const sdk = new Perplexity({
    apiKey,
    baseURL: baseUrl ?? 'https://api.perplexity.ai',
    maxRetries: 0,
    logLevel: 'off',
    fetch: boundedFetch(undefined, { maxAnswerBytes: MAX_ANSWER_BYTES, expected: WHO }),
  });
  return {
    search: (query, { signal }) => readService((within) => ask(sdk, query, within), { who: WHO, clock, signal, patience }),
  };
};

const ask = async (sdk: Perplexity, { text, limit, since, hosts }: WebQuery, signal: AbortSignal): Promise<readonly WebResult[]> => {
  try {
    const answer: unknown = await sdk.search.create(
      {
        query: text,
        max_results: limit,
        max_tokens_per_page: TOKENS_PER_PAGE,
        ...present({ search_recency_filter: since, search_domain_filter: hosts && [...hosts] }),
      },
      { signal },
    );
    return resultsIn(answer)
      .filter(({ url }) => !hosts || hosts.some((host) => isOf(new URL(url).hostname, host.toLowerCase())))
      .slice(0, limit);
  } catch (error) {
    throw asPortError(error, signal);
  }
};

/** The host itself, or one below it. */
const isOf = (name: string, host: string): boolean => name === host || name.endsWith(`.${host}`);

const ANSWER = z.object({
  results: z.array(z.object({ title: z.string().nullish(), url: z.string(), snippet: z.string().nullish(), date: z.string().nullish() })),
});

/** Those with an address that can be opened. */
const resultsIn = (answer: unknown): readonly WebResult[] => {
  const read = ANSWER.safeParse(answer);
  if (!read.success)
    throw new PortError('malformed-reply', `${WHO} answered what its protocol does not allow`, { retryable: true, cause: read.error });
  return read.data.results.flatMap(({ title, url, snippet, date }) => {
    const address = URL.parse(url);
    if (!address || !/^https?:$/.test(address.protocol)) return [];
    return {
      title: lineExcerpt(title ?? '', MAX_TITLE) || address.host,
      url: address.href,
      snippet: lineExcerpt(snippet ?? '', MAX_SNIPPET),
      ...present({ date: date ? lineExcerpt(date, 40) : undefined }),
    };
  });
};
