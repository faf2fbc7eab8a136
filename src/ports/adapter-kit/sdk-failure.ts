import { isPortError, PortError, reasonOf } from '../port-error.ts';
import { isConnectionFailure, isRefusedPort } from './http-failure.ts';

/** How an SDK tells its errors apart. */
export interface SdkErrors {
  /** The other side answered, and refused: with the failure that its answer stands for. */
  readonly refusal: (error: unknown) => PortError | undefined;
  /** The connection failed, and the SDK says so. */
  readonly isConnectionError: (error: unknown) => boolean;
  /** The SDK's own complaint about an answer that it can't read. */
  readonly isProtocolError: (error: unknown) => boolean;
}

/**
 * What broke a call of an SDK that speaks HTTP, as ports have it: one mapping for every adapter over such an SDK. An
 * abort comes first, whatever the SDK makes of it; a PortError stays as it is.
 */
export const sdkFailure = (
  error: unknown,
  { who, signal, ...sdk }: SdkErrors & { readonly who: string; readonly signal: AbortSignal },
): PortError => {
  if (signal.aborted) return new PortError('aborted', `the call to ${who} was aborted`, { retryable: false, cause: error });
  if (isPortError(error)) return error;
  const refused = sdk.refusal(error);
  if (refused) return refused;
  if (sdk.isConnectionError(error) || isConnectionFailure(error) || isRefusedPort(error))
    return new PortError('unavailable', `${who} can't be reached, or the connection broke`, { retryable: true, cause: error });
  if (error instanceof SyntaxError || sdk.isProtocolError(error))
    return new PortError('malformed-reply', `${who} answered what its protocol does not allow`, { retryable: true, cause: error });
  return new PortError('unknown', `${who} failed: ${reasonOf(error)}`, { retryable: false, cause: error });
};
