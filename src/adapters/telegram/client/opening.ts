import type { Addresses } from './addresses.ts';
import { rpcErrorOf } from './errors.ts';
import { heedFlood } from './flood-waits.ts';
import { type Link, type LinkOptions, openLink } from './link.ts';
import { firstStart, type StoredSession, saveSession } from './session.ts';
import type { TelegramBase } from './settings.ts';
import { signInBot } from './sign-in.ts';

/** Opens a link that is signed in. Resolves to `no session` for a person's account that has not logged in yet. */
export type OpenSession = (stored: StoredSession | undefined, options: LinkOptions) => Promise<Link | 'no session'>;

/**
 * Each time that nothing answers, another address of the session's data centre is tried; the one that answers is kept.
 */
export const makeOpenSession = (base: TelegramBase, addresses: Pick<Addresses, 'placed'>): OpenSession => {
  const { settings, state, notice } = base;
  let unanswered = 0;

  const reopen = async (stored: StoredSession, options: LinkOptions): Promise<Link> => {
    const placed = await addresses.placed(stored, unanswered);
    const link = await heedFlood(base, 'opening', () => openLink(base, placed, options)).catch((error: unknown) => {
      if (rpcErrorOf(error) === undefined) unanswered += 1;
      throw error;
    });
    unanswered = 0;
    if (placed.host !== stored.host || placed.port !== stored.port) {
      await saveSession(state, settings, placed);
      notice('address-changed', { dcId: placed.dcId, host: placed.host, port: placed.port });
    }
    return link;
  };

  return async (stored, options) => {
    if (stored) return reopen(stored, options);
    if (settings.account.kind === 'user') return 'no session';
    return signInBot(base, firstStart(settings), settings.account.token, options);
  };
};
