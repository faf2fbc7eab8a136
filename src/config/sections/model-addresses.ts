import { type ConfigProblem, error, warning } from '../problems.ts';

/** The endpoints of these APIs: an address goes up to where they begin. */
const ENDPOINT = /\/(?:chat\/completions|completions|responses|messages|models|embeddings)$/;

/** Problems of the addresses of model servers, as far as their shape shows them. */
export const addressProblems = ({
  ANTHROPIC_BASE_URL,
  OPENAI_BASE_URL,
}: {
  readonly ANTHROPIC_BASE_URL?: string | undefined;
  readonly OPENAI_BASE_URL?: string | undefined;
}): readonly ConfigProblem[] => [
  ...(ANTHROPIC_BASE_URL === undefined ? [] : problemOf('ANTHROPIC_BASE_URL', ANTHROPIC_BASE_URL, '')),
  ...(OPENAI_BASE_URL === undefined ? [] : problemOf('OPENAI_BASE_URL', OPENAI_BASE_URL, '/v1')),
];

/** `version` is the part of the path that the variable itself holds. */
const problemOf = (variable: string, address: string, version: '' | '/v1'): readonly ConfigProblem[] => {
  const { origin, pathname, search, hash } = new URL(address);
  if (search !== '' || hash !== '')
    return [error(variable, 'holds a part behind ? or #, which no request would be sent with', `give ${origin}${pathname}`)];
  const path = pathname.replace(/\/+$/, '');
  const endpoint = ENDPOINT.exec(path)?.[0];
  const base = path.replace(ENDPOINT, '').replace(/(?:\/v1)+$/, '');
  const right = `give ${origin}${base}${version}`;
  if (endpoint !== undefined) return [error(variable, `ends in ${endpoint}, which is added to it`, right)];
  if (path.endsWith('/v1/v1')) return [error(variable, 'ends in /v1 twice', right)];
  if (version === '' && path.endsWith('/v1')) return [error(variable, 'ends in /v1, which is added to it', right)];
  if (version === '/v1' && path === '') return [warning(variable, 'has no path: most servers of this kind answer below /v1', right)];
  return [];
};
