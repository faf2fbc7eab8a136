import type { z } from 'zod';
import { ROUTES_DOC } from './errors.ts';
import { RequestError } from './request-error.ts';
import type { Route } from './route.ts';

const MAX_PROBLEMS = 10;

const HINT = `the routes are described in ${ROUTES_DOC}`;

/** The value, or a 400 that names each field that is wrong. */
export const parse = <T>(schema: z.ZodType<T>, raw: unknown, hint = HINT): T => {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  // A place inside a list is no name that the client gave.
  const problems = parsed.error.issues.map(({ path: [field], message }) =>
    field === undefined ? message : `${String(field)}: ${message}`,
  );
  const different = [...new Set(problems)];
  const rest = different.length > MAX_PROBLEMS ? `; and ${different.length - MAX_PROBLEMS} more` : '';
  throw new RequestError(400, 'http/invalid-request', different.slice(0, MAX_PROBLEMS).join('; ') + rest, { hint });
};

const namesOf = (schema: z.ZodType | undefined): readonly string[] =>
  schema !== undefined && 'shape' in schema ? Object.keys(schema.shape as object) : [];

/** What the query of this route may have, for who has sent something else. */
export const queryHint = ({ query }: Pick<Route, 'query'>): string => {
  const names = namesOf(query);
  return `${names.length === 0 ? 'this route takes no query parameters' : `its query parameters are ${names.join(', ')}`}; ${HINT}`;
};
