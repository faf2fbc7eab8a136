import { z } from 'zod';
import { named, told } from './names.ts';

export const session = named(
  'Session',
  () =>
    z.object({
      required: told(z.boolean(), 'Whether this server wants a token'),
      signedIn: told(z.boolean(), 'Whether whoever asks may use the API: by the cookie, by the token, or as none is wanted'),
      endsAt: told(z.iso.datetime(), 'When the sign-in ends unless something is asked before; absent without one').exactOptional(),
      csrfToken: told(z.string(), 'To be sent as `X-CSRF-Token` with whatever writes; absent without a sign-in').exactOptional(),
    }),
  'Whether whoever asks is signed in.',
);
