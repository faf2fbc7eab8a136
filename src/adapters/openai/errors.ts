import { APIConnectionError, APIError, OpenAIError } from 'openai';
import { httpFailure } from '../../ports/adapter-kit/http-failure.ts';
import { declinedFor, modelRefusalCode } from '../../ports/adapter-kit/model-refusal.ts';
import { sdkFailure } from '../../ports/adapter-kit/sdk-failure.ts';
import { PortError } from '../../ports/port-error.ts';

/** What broke a call, as the port has it. */
export const asPortError = (error: unknown, who: string, signal: AbortSignal): PortError =>
  sdkFailure(error, {
    who,
    signal,
    refusal: (refused) => (refused instanceof APIError && !(refused instanceof APIConnectionError) ? apiFailure(refused, who) : undefined),
    isConnectionError: (broken) => broken instanceof APIConnectionError,
    isProtocolError: (unreadable) => unreadable instanceof OpenAIError,
  });

/** Why a request was declined for its contents; undefined for every other error. */
export const refusalIn = (error: unknown): string | undefined =>
  error instanceof APIError ? declinedFor({ names: [error.code, error.type], message: error.message }) : undefined;

/** A model wrote a tool call that its server could not read (Groq): another try may come out well. */
const UNREADABLE_CALL: ReadonlySet<unknown> = new Set(['tool_use_failed', 'output_parse_failed', 'json_validate_failed']);

const apiFailure = (error: APIError, who: string): PortError => {
  const { headers } = error;
  // The SDK puts the status in front, which is told anyway.
  const message = error.message.replace(/^\d{3} /, '');
  if (UNREADABLE_CALL.has(error.code))
    return new PortError('malformed-reply', `${who} wrote a tool call that its server could not read`, { retryable: true, cause: error });
  const status = error.status ?? statusOfStreamed(error);
  return httpFailure(who, {
    status,
    code: modelRefusalCode({ status, names: [error.code, error.type], message }),
    headers,
    detail: message,
    cause: error,
  });
};

/** An error inside a stream has no status: compatible servers put one into `code`, or tell the kind by `type`. */
const statusOfStreamed = ({ code, type }: APIError): number => {
  const status = Number(code);
  if (Number.isInteger(status) && status >= 400 && status < 600) return status;
  if (code === 'rate_limit_exceeded') return 429;
  return type === 'invalid_request_error' ? 400 : 500;
};
