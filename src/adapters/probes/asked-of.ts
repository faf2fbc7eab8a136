import { isConnectionFailure, isPortError, PortError, reasonOf } from '../../ports/index.ts';

/** Asks somebody by HTTP. What breaks that is a PortError, in words that begin with what the other side does. */
export const askedOf = async <T>(signal: AbortSignal, whatElse: string, ask: () => Promise<T>): Promise<T> => {
  try {
    return await ask();
  } catch (error) {
    if (isPortError(error)) throw error;
    if (signal.aborted) throw new PortError('timeout', 'no answer in time', { retryable: true, cause: error });
    if (isConnectionFailure(error) || error instanceof TypeError)
      throw new PortError('unavailable', `can't be reached (${codeOf(error)})`, { retryable: true, cause: error });
    throw new PortError('malformed-reply', `answers ${whatElse}: ${reasonOf(error)}`, { retryable: false, cause: error });
  }
};

const codeOf = (error: unknown): string => {
  for (let at = error; at instanceof Error; at = at.cause) if ('code' in at && typeof at.code === 'string') return at.code;
  return reasonOf(error instanceof Error && error.cause instanceof Error ? error.cause : error);
};
