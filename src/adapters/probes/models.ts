import { boundedFetch } from '../../ports/adapter-kit/bounded-fetch.ts';
import { httpFailure } from '../../ports/index.ts';
import { askedOf } from './asked-of.ts';

/** The list of models of Anthropic, OpenAI and compatible servers. */
interface ModelList {
  readonly data?: readonly { readonly id?: unknown }[];
}

/** What a server said to the question for its models. */
export interface AskedForModels {
  readonly words: string;
  /** `no-list`: it answers, and neither key nor model could be looked at. `missing`: its list lacks the model. */
  readonly outcome: 'listed' | 'missing' | 'no-list';
}

/**
 * Asks a server for its models, which costs nothing and shows whether it takes the credentials. Rejects with PortError
 * where it can't be reached or refuses them. A server may know models that it does not list, and may have no list.
 */
export const probeModels = async (
  who: string,
  request: { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly model: string },
  signal: AbortSignal,
): Promise<AskedForModels> =>
  askedOf(signal, 'what is no list of models', async () => {
    const response = await boundedFetch(undefined, { maxAnswerBytes: MAX_ANSWER_BYTES, expected: 'list of models' })(request.url, {
      headers: request.headers,
      signal,
    });
    if (response.status === 404 || response.status === 405) return noList(`HTTP ${response.status}`);
    if (!response.ok) throw httpFailure(who, { status: response.status, headers: response.headers });
    const { data } = (await response.json()) as ModelList;
    if (!Array.isArray(data)) return noList('its answer is none');
    if (data.some(({ id }) => id === request.model)) return { words: `answers, and has ${request.model}`, outcome: 'listed' };
    return { words: `answers; its list does not name ${request.model}${othersIn(data)}`, outcome: 'missing' };
  });

const noList = (why: string): AskedForModels => ({
  words: `answers, and has no list of models there (${why}): whether it takes the key and has the model is not known`,
  outcome: 'no-list',
});

/** The longest list of a provider takes a hundredth of it. */
const MAX_ANSWER_BYTES = 8 * 1024 ** 2;

const SHOWN = 5;

/** The first names of the list, for a person who mistyped one. */
const othersIn = (data: NonNullable<ModelList['data']>): string => {
  const names = data.flatMap(({ id }) => (typeof id === 'string' ? [id] : []));
  if (names.length === 0) return '';
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return `; it has ${names.slice(0, SHOWN).join(', ')}${more}`;
};
