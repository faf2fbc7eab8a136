import { httpFailure, isConnectionFailure, isPortError, PortError, reasonOf } from '../../ports/index.ts';

/** What a list of models looks like, at Anthropic, OpenAI, and servers that are compatible with either. */
interface ModelList {
  readonly data?: readonly { readonly id?: unknown }[];
}

/**
 * Asks a server for its models, which costs nothing and shows whether it takes the credentials. Resolves to words about
 * it; rejects with PortError where it can't be reached or refuses them.
 */
export const probeModels = async (
  who: string,
  request: { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly model: string },
  signal: AbortSignal,
): Promise<string> => {
  try {
    const response = await fetch(request.url, { headers: request.headers, signal });
    // A server that lists none is there all the same.
    if (response.status === 404 || response.status === 405) return 'answers, and lists no models';
    if (!response.ok) throw httpFailure(who, { status: response.status, headers: response.headers });
    const { data } = (await response.json()) as ModelList;
    if (!Array.isArray(data)) return 'answers, and lists no models';
    return data.some(({ id }) => id === request.model)
      ? `answers, and has ${request.model}`
      : `answers; its list does not name ${request.model}`;
  } catch (error) {
    if (isPortError(error)) throw error;
    if (signal.aborted) throw new PortError('timeout', 'no answer in time', { retryable: true, cause: error });
    if (isConnectionFailure(error) || error instanceof TypeError)
      throw new PortError('unavailable', `can't be reached (${codeOf(error)})`, { retryable: true, cause: error });
    throw new PortError('malformed-reply', `answers what is no list of models: ${reasonOf(error)}`, { retryable: false, cause: error });
  }
};

const codeOf = (error: unknown): string => {
  for (let at = error; at instanceof Error; at = at.cause) if ('code' in at && typeof at.code === 'string') return at.code;
  return reasonOf(error instanceof Error && error.cause instanceof Error ? error.cause : error);
};
