import { boundedFetch } from '../../ports/adapter-kit/bounded-fetch.ts';
import { httpFailure } from '../../ports/index.ts';
import { askedOf } from './asked-of.ts';

/** The list of models of Anthropic, OpenAI and compatible servers. */
interface ModelList {
  readonly data?: readonly { readonly id?: unknown }[];
}

/**
 * Asks a server for its models, which costs nothing and shows whether it takes the credentials. Resolves to words about
 * it, and to whether its list lacks the model (it may take other names for those that it lists); rejects with PortError
 * where it can't be reached or refuses them.
 */
export const probeModels = async (
  who: string,
  request: { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly model: string },
  signal: AbortSignal,
): Promise<{ readonly words: string; readonly isMissing: boolean }> =>
  askedOf(signal, 'what is no list of models', async () => {
    const response = await boundedFetch(undefined, { maxAnswerBytes: MAX_ANSWER_BYTES, expected: 'list of models' })(request.url, {
      headers: request.headers,
      signal,
    });
    // A server that lists no models still works.
    if (response.status === 404 || response.status === 405) return NO_LIST;
    if (!response.ok) throw httpFailure(who, { status: response.status, headers: response.headers });
    const { data } = (await response.json()) as ModelList;
    if (!Array.isArray(data)) return NO_LIST;
    if (data.some(({ id }) => id === request.model)) return { words: `answers, and has ${request.model}`, isMissing: false };
    return { words: `answers; its list does not name ${request.model}${othersIn(data)}`, isMissing: true };
  });

/** The longest list of a provider takes a hundredth of it. */
const MAX_ANSWER_BYTES = 8 * 1024 ** 2;

const NO_LIST = { words: 'answers, and lists no models', isMissing: false };

const SHOWN = 5;

/** The first names of the list, for a person who mistyped one. */
const othersIn = (data: NonNullable<ModelList['data']>): string => {
  const names = data.flatMap(({ id }) => (typeof id === 'string' ? [id] : []));
  if (names.length === 0) return '';
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return `; it has ${names.slice(0, SHOWN).join(', ')}${more}`;
};
