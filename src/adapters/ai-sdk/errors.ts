import { present } from '../../domain/shared/present.ts';
import { httpFailure } from '../../ports/adapter-kit/http-failure.ts';
import { declinedFor, modelRefusalCode } from '../../ports/adapter-kit/model-refusal.ts';
import { sdkFailure } from '../../ports/adapter-kit/sdk-failure.ts';
import { isPortError, PortError, reasonOf } from '../../ports/port-error.ts';

/** What the AI SDK's errors, and the errors in its streams, tell of a refusal. */
interface ToldError {
  readonly name?: unknown;
  readonly message: string;
  readonly statusCode?: number;
  readonly responseHeaders?: Readonly<Record<string, string>>;
  readonly responseBody?: string;
  readonly data?: unknown;
  readonly type?: unknown;
  readonly code?: unknown;
}

/** What broke a call, as the port has it. */
export const asPortError = (error: unknown, who: string, signal: AbortSignal): PortError =>
  sdkFailure(portErrorIn(error) ?? error, {
    who,
    signal,
    refusal: (refused) => refusalOf(refused, who),
    isConnectionError: (broken) => nameOf(broken) === 'AI_APICallError' && toldBy(broken)?.statusCode === undefined,
    isProtocolError: (unreadable) => UNREADABLE.has(nameOf(unreadable)),
  });

/** Why a request was declined for its contents; undefined for every other error. */
export const declineIn = (error: unknown): string | undefined => {
  const told = toldBy(error);
  if (!told || (told.statusCode !== undefined && told.statusCode < 400)) return undefined;
  const { names, message } = bodyOf(told);
  return declinedFor({ names, message });
};

/** Answers that the package can't read. It complains of some by an error without a name of its own. */
const UNREADABLE: ReadonlySet<string> = new Set([
  'Error',
  'AI_APICallError',
  'AI_JSONParseError',
  'AI_TypeValidationError',
  'AI_InvalidResponseDataError',
  'AI_NoContentGeneratedError',
  'AI_EmptyResponseBodyError',
]);
/** Requests that the provider does not even send. */
const UNSENDABLE: ReadonlySet<string> = new Set(['AI_UnsupportedFunctionalityError', 'AI_InvalidPromptError', 'AI_InvalidArgumentError']);
const WITHOUT_KEY: ReadonlySet<string> = new Set(['AI_LoadAPIKeyError', 'AI_LoadSettingError']);

const refusalOf = (error: unknown, who: string): PortError | undefined => {
  const name = nameOf(error);
  // Its words name the variable, and hold no value.
  if (WITHOUT_KEY.has(name))
    return new PortError('unauthorised', `${who} has no key`, { retryable: false, help: reasonOf(error), cause: error });
  if (name === 'AI_NoSuchModelError')
    return new PortError('not-found', `${who} is not known to its provider`, { retryable: false, cause: error });
  if (UNSENDABLE.has(name)) return new PortError('invalid-request', `${who}: ${reasonOf(error)}`, { retryable: false, cause: error });
  const told = toldBy(error);
  if (!told) return undefined;
  const { names, message, type } = bodyOf(told);
  const status = told.statusCode ?? (isStreamed(error) ? (STATUS_OF_TYPE[type] ?? 500) : undefined);
  if (status === undefined || status < 400) return undefined;
  return httpFailure(who, {
    status,
    ...present({ headers: told.responseHeaders && new Headers(told.responseHeaders) }),
    code: modelRefusalCode({ status, names, message }),
    detail: message,
    cause: error,
  });
};

/** What stands in a stream as an error is no `Error`, and may have no status. */
const isStreamed = (error: unknown): boolean => !(error instanceof Error);

const STATUS_OF_TYPE: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  permission_error: 403,
  not_found_error: 404,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  overloaded_error: 529,
};

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

const toldBy = (error: unknown): ToldError | undefined => {
  if (typeof error !== 'object' || error === null || !('message' in error) || typeof error.message !== 'string') return undefined;
  return nameOf(error) === 'AI_APICallError' || isStreamed(error) ? (error as ToldError) : undefined;
};

/** What the other side said, where it said it in JSON; else the SDK's words, or the beginning of the body. */
const bodyOf = (told: ToldError): { readonly names: readonly unknown[]; readonly message: string; readonly type: string } => {
  const body = fieldsOf(told.data) ?? fieldsOf(parsed(told.responseBody ?? ''));
  const inner = fieldsOf(body?.error) ?? body ?? {};
  const message = [inner.message, inner.detail, body?.error, told.message].find((words) => typeof words === 'string' && words !== '');
  const type = String(inner.type ?? told.type ?? '');
  return { names: [inner.code, inner.type, told.code, told.type], message: String(message ?? ''), type };
};

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : undefined;

const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** A failure of our own bounds, however the SDK has wrapped it. */
const portErrorIn = (error: unknown): PortError | undefined => {
  let at = error;
  for (let depth = 0; depth < 10 && at; depth++) {
    if (isPortError(at)) return at;
    at = at instanceof Error ? at.cause : undefined;
  }
  return undefined;
};
