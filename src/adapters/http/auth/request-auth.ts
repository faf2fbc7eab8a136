import type { FastifyRequest } from 'fastify';
import type { Authentication, Authenticator } from './authenticator.ts';
import type { SignIn } from './sign-ins.ts';

/** What `/api/v1/session` tells whoever asks. */
export interface SessionStatus {
  /** Whether a token is wanted here. */
  readonly required: boolean;
  readonly signedIn: boolean;
  /** ISO 8601. Absent, as the next one, where nobody is signed in by the page. */
  readonly endsAt?: string;
  /** What the page sends as `X-CSRF-Token` to change anything. */
  readonly csrfToken?: string;
}

/** With the headers that give or take back the cookie. */
export interface Changed {
  readonly status: SessionStatus;
  readonly headers: Readonly<Record<string, string>>;
}

/** Signing in and out for one request. Each rejects with RequestError where that is refused. */
export interface RequestAuth {
  /** Nobody is signed in where the store of sign-ins fails. */
  status(): Promise<SessionStatus>;
  /** The same; rejects where the store of sign-ins fails. */
  knownStatus(): Promise<SessionStatus>;
  signIn(token: string): Promise<Changed>;
  signOut(options: { readonly everywhere: boolean }): Promise<Changed>;
}

export type OnToken = (address: string, accepted: boolean) => void;

export const makeRequestAuth = (authenticator: Authenticator, request: FastifyRequest, onToken: OnToken = () => undefined): RequestAuth => {
  const statusOfSignIn = (signIn: SignIn): SessionStatus => ({
    required: true,
    signedIn: true,
    endsAt: new Date(signIn.endsAt).toISOString(),
    csrfToken: authenticator.csrfTokenOf(signIn),
  });
  const statusOf = ({ refusal, failure, signIn }: Authentication): SessionStatus =>
    signIn ? statusOfSignIn(signIn) : { required: authenticator.isTokenRequired, signedIn: refusal === undefined && failure === undefined };
  const authenticateOrThrow = async (): Promise<Authentication> => {
    const authentication = await authenticator.authenticate(request);
    if (authentication.failure !== undefined) throw authentication.failure;
    return authentication;
  };
  return {
    status: async () => statusOf(await authenticator.authenticate(request)),
    knownStatus: async () => statusOf(await authenticateOrThrow()),
    signIn: async (token) => {
      const refusal = authenticator.checkToken(request.ip, token);
      if (authenticator.isTokenRequired) onToken(request.ip, refusal === undefined);
      if (refusal) throw refusal;
      const { signIn, headers } = await authenticator.signIn(request);
      return { status: statusOfSignIn(signIn), headers };
    },
    signOut: async (options) => {
      const { refusal } = await authenticateOrThrow();
      if (refusal) throw refusal;
      return { status: { required: true, signedIn: false }, headers: await authenticator.signOut(request, options) };
    },
  };
};
