import { isHTTPResponseError, isNotionClientError } from '@notionhq/client';
import { httpFailure } from '../../ports/adapter-kit/http-failure.ts';
import { sdkFailure } from '../../ports/adapter-kit/sdk-failure.ts';
import { PortError } from '../../ports/port-error.ts';

export const WHO = 'Notion';

/** What broke a call, as the port has it. */
export const asPortError = (error: unknown, signal: AbortSignal): PortError =>
  sdkFailure(error, {
    who: WHO,
    signal,
    refusal: (refused) =>
      isHTTPResponseError(refused)
        ? httpFailure(WHO, { status: refused.status, headers: headersOf(refused.headers), detail: refused.message, cause: refused })
        : undefined,
    isConnectionError: () => false,
    isProtocolError: (unreadable) => isNotionClientError(unreadable),
  });

/** The answer breaks the protocol. */
export const malformed = (cause: unknown): PortError =>
  new PortError('malformed-reply', `${WHO} answered what its protocol does not allow`, { retryable: true, cause });

/** The SDK leaves the type of headers open, because it takes any fetch. It was given the one of the platform. */
const headersOf = (headers: unknown): Headers | undefined => (headers instanceof Headers ? headers : undefined);
