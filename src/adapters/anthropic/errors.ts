import { AnthropicError, APIConnectionError, APIError } from '@anthropic-ai/sdk';
import { httpFailure } from '../../ports/adapter-kit/http-failure.ts';
import { declinedFor, modelRefusalCode } from '../../ports/adapter-kit/model-refusal.ts';
import { sdkFailure } from '../../ports/adapter-kit/sdk-failure.ts';
import type { PortError } from '../../ports/port-error.ts';

/** An error event inside a stream has no status, only a type: the status that the API documents for it. */
const STATUS_OF_TYPE: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  timeout_error: 504,
  overloaded_error: 529,
};

/** What broke a call, as the port has it. */
export const asPortError = (error: unknown, who: string, signal: AbortSignal): PortError =>
  sdkFailure(error, {
    who,
    signal,
    refusal: (refused) => (refused instanceof APIError && !(refused instanceof APIConnectionError) ? apiFailure(refused, who) : undefined),
    isConnectionError: (broken) => broken instanceof APIConnectionError,
    isProtocolError: (unreadable) => unreadable instanceof AnthropicError,
  });

/** Why a request was declined for its contents, or its reply stopped; undefined for every other error. */
export const refusalIn = (error: unknown): string | undefined =>
  error instanceof APIError ? declinedFor({ names: [error.type, error.errorCode], message: error.apiMessage ?? error.message }) : undefined;

const apiFailure = (error: APIError, who: string): PortError => {
  const status = error.status ?? STATUS_OF_TYPE[error.type ?? ''] ?? 500;
  // The SDK puts the status in front of a body that is not the API's; it is told anyway.
  const detail = error.apiMessage ?? error.type ?? error.message.replace(/^\d{3} /, '');
  return httpFailure(who, {
    status,
    code: modelRefusalCode({ status, names: [error.type, error.errorCode], message: detail }),
    headers: error.headers,
    detail,
    cause: error,
  });
};
