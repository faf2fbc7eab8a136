import type { FastifyRequest } from 'fastify';
import type { Admission, Door } from './door.ts';
import type { SignIn } from './sign-ins.ts';

/** How the sender of a request stands. */
export interface Standing {
  /** Whether a token is wanted here. */
  readonly required: boolean;
  readonly signedIn: boolean;
  /** ISO 8601. Absent, as the next one, where nobody is signed in by the page. */
  readonly endsAt?: string;
  /** What the page shows beside its cookie to change anything. */
  readonly csrfToken?: string;
}

/** With the headers that give or take back the cookie. */
export interface Changed {
  readonly standing: Standing;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the sender of one request can do at the door. Each rejects with RequestError where that is refused. */
export interface Visit {
  stands(): Promise<Standing>;
  /** The same; rejects where nobody can know how. */
  standsSurely(): Promise<Standing>;
  signIn(token: string): Promise<Changed>;
  signOut(options: { readonly everywhere: boolean }): Promise<Changed>;
}

export type OnToken = (address: string, accepted: boolean) => void;

export const makeVisit = (door: Door, request: FastifyRequest, onToken: OnToken = () => undefined): Visit => {
  const standingOf = (signIn: SignIn): Standing => ({
    required: true,
    signedIn: true,
    endsAt: new Date(signIn.endsAt).toISOString(),
    csrfToken: door.proofOf(signIn),
  });
  const standing = ({ refusal, failure, signIn }: Admission): Standing =>
    signIn ? standingOf(signIn) : { required: door.isGuarded, signedIn: refusal === undefined && failure === undefined };
  const lookSurely = async (): Promise<Admission> => {
    const admission = await door.look(request);
    if (admission.failure !== undefined) throw admission.failure;
    return admission;
  };
  return {
    stands: async () => standing(await door.look(request)),
    standsSurely: async () => standing(await lookSurely()),
    signIn: async (token) => {
      const refusal = door.tryToken(request.ip, token);
      if (door.isGuarded) onToken(request.ip, refusal === undefined);
      if (refusal) throw refusal;
      const { signIn, headers } = await door.signIn(request);
      return { standing: standingOf(signIn), headers };
    },
    signOut: async (options) => {
      const { refusal } = await lookSurely();
      if (refusal) throw refusal;
      return { standing: { required: true, signedIn: false }, headers: await door.signOut(request, options) };
    },
  };
};
