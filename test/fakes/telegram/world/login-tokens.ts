import { rpcError } from '../rpc-error.ts';
import type { User, WorldState } from './state.ts';

/** A token of a login by QR code. */
export interface LoginToken {
  /** Seconds since 1970. */
  readonly expires: number;
  /** The data centre that takes it. */
  readonly dcId: number;
  /** The accounts that its client has already. */
  readonly exceptIds?: readonly number[];
  /** Tells the client that waits for it. */
  readonly accepted: () => void;
  acceptedBy?: User;
  /** Whether somebody was logged in by it, in another data centre than the one that made it. */
  isUsed?: boolean;
}

/** What Telegram makes of a code that an app has scanned. Throws its error. */
export const acceptLoginToken = (state: WorldState, user: User, token: Buffer): void => {
  const known = state.loginTokens.get(token.toString('hex'));
  if (!known) throw rpcError('AUTH_TOKEN_INVALID');
  if (known.acceptedBy) throw rpcError('AUTH_TOKEN_ALREADY_ACCEPTED');
  if (known.expires <= state.now()) throw rpcError('AUTH_TOKEN_EXPIRED');
  if (known.exceptIds?.includes(user.id)) throw rpcError('AUTH_TOKEN_EXCEPTION');
  known.acceptedBy = user;
  known.accepted();
};

/** The token in the link that a QR code shows. */
export const tokenIn = (link: string): Buffer => {
  const [, token] = /^tg:\/\/login\?token=([\w-]+)$/.exec(link) ?? [];
  if (token === undefined) throw new Error(`this is no link of a login: ${link}`);
  return Buffer.from(token, 'base64url');
};
