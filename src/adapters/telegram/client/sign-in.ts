import { Api } from 'telegram/tl/index.js';
import { present } from '../../../domain/shared/present.ts';
import { PortError } from '../../../ports/index.ts';
import { refuseOther } from './account.ts';
import { rpcErrorOf } from './errors.ts';
import { heedFlood } from './flood-waits.ts';
import { type Link, type LinkOptions, openLink } from './link.ts';
import { type SessionStart, saveSession } from './session.ts';
import type { TelegramBase, TelegramSelf } from './settings.ts';

/**
 * Who this connection is signed in as. Rejects with Telegram's error when it is nobody; nothing else means that it is
 * nobody.
 */
export const whoAmI = async (link: Link): Promise<TelegramSelf> => {
  const [user] = await link.call(new Api.users.GetUsers({ id: [new Api.InputUserSelf()] }));
  if (!(user instanceof Api.User)) throw new PortError('malformed-reply', 'Telegram did not say who the account is', { retryable: true });
  const username = user.username ?? user.usernames?.find(({ active }) => active)?.username;
  const isBot = user.bot === true;
  return {
    id: Number(user.id),
    isBot,
    ...present({ username }),
    ...(isBot && !user.botChatHistory ? { privacyMode: true } : {}),
  };
};

/** The data centre that the account lives in, where Telegram says that it is another one. */
const migrationOf = (error: unknown): number | undefined => {
  const [, dcId] = /^(?:USER|PHONE|NETWORK)_MIGRATE_(\d+)$/.exec(rpcErrorOf(error) ?? '') ?? [];
  return dcId === undefined ? undefined : Number(dcId);
};

/**
 * Runs `step` over a connection to the data centre where it belongs, following one move. The connection is closed where
 * it fails.
 */
export const atHome = async <T>(
  base: TelegramBase,
  start: SessionStart,
  options: LinkOptions,
  step: (link: Link) => Promise<T>,
): Promise<{ readonly link: Link; readonly result: T }> => {
  for (let from = start, moves = 0; ; moves++) {
    const link = await heedFlood(base, 'opening', () => openLink(base, from, options));
    try {
      return { link, result: await step(link) };
    } catch (error) {
      const dcId = moves < 2 ? migrationOf(error) : undefined;
      if (dcId !== undefined) from = await link.addressOf(dcId);
      await link.close();
      if (dcId === undefined) throw error;
    }
  }
};

/** Signs the bot in over a new connection, and keeps its session. */
export const signInBot = async (base: TelegramBase, start: SessionStart, token: string, options: LinkOptions): Promise<Link> => {
  const { apiId, apiHash } = base.settings;
  // Before anything takes the place of the other's session.
  await refuseOther(base.state, { id: Number(token.split(':')[0]) });
  const { link } = await atHome(base, start, options, (link) =>
    heedFlood(base, 'login', () => link.call(new Api.auth.ImportBotAuthorization({ flags: 0, apiId, apiHash, botAuthToken: token }))),
  );
  await keepSession(base, link);
  return link;
};

export const keepSession = async ({ state, settings }: TelegramBase, link: Link): Promise<void> => {
  const session = link.session();
  if (!session) throw new PortError('malformed-reply', 'Telegram signed in without a key', { retryable: true });
  await saveSession(state, settings, session);
};
