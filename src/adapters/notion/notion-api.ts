import { Client } from '@notionhq/client';
import { requireNode } from '../../domain/shared/node-version.ts';
import { boundedFetch } from '../../ports/adapter-kit/bounded-fetch.ts';
import { type ReadPatience, readService } from '../../ports/adapter-kit/read-service.ts';
import type { Clock } from '../../ports/clock.ts';
import { isPortError } from '../../ports/port-error.ts';
import { asPortError, malformed, WHO } from './errors.ts';
import { makePace } from './pace.ts';

export interface NotionOptions {
  readonly apiKey: string;
  readonly baseUrl?: string;
  readonly clock: Clock;
  /** Default: each request may take 10 seconds, and is made 3 times at the most. */
  readonly patience?: Partial<ReadPatience>;
  /** The most requests that begin in one second. Default: 3, which is what Notion allows on average. */
  readonly perSecond?: number;
}

/** Fifty entries, or a page of Markdown, of unusual length. */
const MAX_ANSWER_BYTES = 8 * 1024 ** 2;

/** One request of the official client, bounded; what `read` makes of the answer is a part of it. */
export type AskNotion = <A, T>(request: (client: Client) => Promise<A>, read: (answer: A) => T, signal: AbortSignal) => Promise<T>;

/**
 * The client takes no signal, and its own time limit leaves the connection open: each request gets a client whose fetch
 * has the signal. It retries nothing, because it would wait for up to a minute whatever the signal, and logs nothing:
 * its log would hold what Notion answers.
 */
export const makeAskNotion = ({ apiKey, baseUrl, clock, patience, perSecond = 3 }: NotionOptions): AskNotion => {
  requireNode(process.versions.node);
  const fetchBounded = boundedFetch(undefined, { maxAnswerBytes: MAX_ANSWER_BYTES, expected: WHO });
  const clientWith = (signal: AbortSignal): Client =>
    new Client({
      auth: apiKey,
      baseUrl: baseUrl ?? 'https://api.notion.com',
      retry: false,
      logger: () => undefined,
      fetch: async (url, { body, headers, method } = {}) =>
        (await fetchBounded(url, { body, headers, method, signal } as RequestInit)) as Response & { readonly body: null },
    });
  const pace = makePace(clock, perSecond);
  return async (request, read, signal) => {
    await pace(signal);
    return readService(
      async (within) => {
        try {
          return readAnswer(await request(clientWith(within)), read);
        } catch (error) {
          throw asPortError(error, within);
        }
      },
      { who: WHO, clock, signal, patience },
    );
  };
};

/** The client checks no answer: one of another shape shows itself when it is read. */
const readAnswer = <A, T>(answer: A, read: (answer: A) => T): T => {
  try {
    return read(answer);
  } catch (error) {
    throw isPortError(error) ? error : malformed(error);
  }
};
