import { Api } from 'telegram/tl/index.js';
import { notConnected, portErrorOf } from '../client/errors.ts';
import { type Call, type Link, type LinkOptions, openLink } from '../client/link.ts';
import type { TelegramBase } from '../client/settings.ts';

/**
 * A connection that is there whenever a call is made: a person who looks for a code takes minutes, and it may end
 * meanwhile unseen.
 */
export interface Line {
  readonly call: Call;
  /** The connection of the moment. */
  readonly link: () => Link;
  readonly close: () => Promise<void>;
}

/** Of a sign-in that needs no updates. */
export const NO_UPDATES: LinkOptions = { onUpdates: () => undefined };

/** No call is made twice: a connection that ends under one makes it reject. */
export const makeLine = (base: TelegramBase, first: Link, options: LinkOptions = NO_UPDATES): Line => {
  let link = first;

  /** Whether the connection of the moment still answers what it may answer twice. */
  const lives = async (): Promise<boolean> => {
    try {
      await link.call(new Api.help.GetNearestDc(), base.timing.probeTimeoutMs);
      return true;
    } catch (error) {
      const { code } = portErrorOf(error);
      if (code === 'unavailable' || code === 'timeout') return false;
      throw error;
    }
  };

  const again = async (): Promise<void> => {
    const session = link.session();
    await link.close();
    if (!session) throw notConnected('the connection was lost');
    link = await openLink(base, session, options);
  };

  return {
    call: async (request, timeoutMs) => {
      if (!(await lives())) await again();
      return link.call(request, timeoutMs);
    },
    link: () => link,
    close: () => link.close(),
  };
};
