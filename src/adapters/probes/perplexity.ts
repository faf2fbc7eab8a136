import { boundedFetch } from '../../ports/adapter-kit/bounded-fetch.ts';
import { httpFailure } from '../../ports/adapter-kit/http-failure.ts';
import { askedOf } from './asked-of.ts';

const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Whether Perplexity answers and takes the key. It is asked for nothing, which it refuses after it has looked at the
 * key: a refused search costs nothing. Rejects with PortError.
 */
export const probePerplexity = async (
  { apiKey, baseUrl = 'https://api.perplexity.ai' }: { readonly apiKey: string; readonly baseUrl?: string },
  signal: AbortSignal,
): Promise<string> =>
  askedOf(signal, 'what is no answer of Perplexity', async () => {
    const response = await boundedFetch(undefined, { maxAnswerBytes: MAX_ANSWER_BYTES, expected: 'Perplexity' })(`${baseUrl}/search`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: '{}',
      signal,
    });
    await response.body?.cancel();
    const { status, headers } = response;
    if (response.ok || status === 400 || status === 422) return 'answers, and takes the key';
    throw httpFailure('Perplexity', { status, headers });
  });
