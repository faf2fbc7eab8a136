import { APIConnectionError, APIError, APIUserAbortError, PerplexityError } from '@perplexity-ai/perplexity_ai';
import { httpFailure } from '../../ports/adapter-kit/http-failure.ts';
import { sdkFailure } from '../../ports/adapter-kit/sdk-failure.ts';
import type { PortError } from '../../ports/port-error.ts';

export const WHO = 'Perplexity';

/** What broke a call, as the port has it. */
export const asPortError = (error: unknown, signal: AbortSignal): PortError =>
  sdkFailure(error, {
    who: WHO,
    signal,
    refusal: (refused) => (refused instanceof APIError && refused.status !== undefined ? refusalOf(refused, refused.status) : undefined),
    isConnectionError: (broken) => broken instanceof APIConnectionError || broken instanceof APIUserAbortError,
    isProtocolError: (unreadable) => unreadable instanceof PerplexityError,
  });

const refusalOf = (error: APIError, status: number): PortError =>
  httpFailure(WHO, { status, headers: error.headers, detail: detailOf(error), cause: error });

/** What the body says; the SDK's own message is the whole body behind the status. */
const detailOf = ({ error: body, message }: APIError): string => {
  const told = fieldsOf(fieldsOf(body)?.error)?.message ?? fieldsOf(body)?.detail ?? fieldsOf(body)?.message;
  return typeof told === 'string' ? told : message.replace(/^\d{3} /, '');
};

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
