import type { Refusal } from '../../../domain/index.ts';
import { RequestError } from '../request-error.ts';

/** The HTTP form of what a use case refused: 404 where the thing is not there, else 409. */
export const refused = ({ code, message, retryAfterMs }: Refusal): RequestError => {
  const headers: Record<string, string> = retryAfterMs === undefined ? {} : { 'retry-after': `${Math.ceil(retryAfterMs / 1_000)}` };
  return new RequestError(code.endsWith('/not-found') ? 404 : 409, code, message, { headers });
};
