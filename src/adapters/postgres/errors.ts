import { QueryFailedError } from 'typeorm';
import { isPortError, PortError, reasonOf } from '../../ports/index.ts';

/**
 * Turns an error of PostgreSQL, or of the connection to it, into a PortError that names `place`. The cause keeps the
 * words and the code, but nothing that PostgreSQL quotes beside them: details and parameters hold what people wrote.
 * Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export const toPortError = (error: unknown, place: string): PortError => {
  if (isPortError(error)) return error;
  const original: unknown = error instanceof QueryFailedError ? error.driverError : error;
  const state = sqlStateOf(original);
  // Errors of class 22 quote the value that they refuse.
  const words = state.startsWith('22') ? 'a value that no column can hold' : reasonOf(original) || codeOf(original);
  const cause = Object.assign(new Error(words), { code: codeOf(original) });
  const failure = (code: PortError['code'], message: string, retryable: boolean) => new PortError(code, message, { retryable, cause });
  const unavailable = () => failure('unavailable', `${place} can't be used now: ${words}`, true);

  if (state === '')
    return words.startsWith('SASL') ? failure('unauthorised', `${place} refuses the password: ${words}`, false) : unavailable();
  if (state === '23505') return failure('concurrency', `already stored in ${place}: ${words}`, true);
  if (state === '53100') return failure('storage-full', `there is no room left for ${place}: ${words}`, true);
  if (state === '3D000') return failure('not-found', `${place} does not exist: ${words}`, false);
  if (state === '42501' || state.startsWith('28')) return failure('unauthorised', `${place} refuses the user: ${words}`, false);
  if (state === 'XX001' || state === 'XX002') return failure('storage-corrupt', `${place} is damaged: ${words}`, false);
  if (/^(22|23|54)/.test(state)) return failure('invalid-request', `refused by ${place}: ${words}`, false);
  // Connections; resources; intervention of an operator; a standby that can't be written; deadlocks and serialisation;
  // statements that were prepared before the tables were changed.
  if (/^(08|53|57|58|25006|40|55P03|0A000|26000)/.test(state)) return unavailable();
  return failure('unknown', `${place}: ${words}`, false);
};

/** Whether the server itself has refused the statement, so that it is known to have changed nothing. */
const isRefusedByServer = (error: unknown): boolean => !/^(|08...|57P..)$/.test(sqlStateOf(error));

/** Whether a statement got no answer from the server, or no further answers can come. */
export const isLost = (error: unknown): boolean => isPortError(error) && !isRefusedByServer(error.cause);

/** Whether a prepared statement no longer fits the tables. */
export const isStalePlan = (error: unknown): boolean => isPortError(error) && /^(0A000|26000)$/.test(sqlStateOf(error.cause));

/** Whether a statement gave way to others who hold what it needs. */
export const isContended = (error: unknown): boolean => isPortError(error) && /^(55P03|40...)$/.test(sqlStateOf(error.cause));

/** Whether the server runs but takes no connections yet, because it starts or recovers from a crash. */
export const isNotAccepting = (error: unknown): boolean => isPortError(error) && sqlStateOf(error.cause) === '57P03';

const codeOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '');

/** Empty if the error did not come from the server. */
const sqlStateOf = (error: unknown): string => {
  const code = codeOf(error);
  return /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code) ? code : '';
};
