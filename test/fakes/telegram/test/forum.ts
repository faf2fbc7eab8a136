import { type MtprotoServer, startMtprotoServer } from '../index.ts';

export const BOT = 7000;
export const SHY_BOT = 7001;
export const ADA = 1001;
export const BOB = 1002;
/** The marked id of the supergroup. */
export const FORUM = -1_001_500_000_300;

/** A server with two people, a bot, and a bot in privacy mode, who are all in one supergroup. */
export const startForum = async (): Promise<MtprotoServer> => {
  const server = await startMtprotoServer();
  server.world.addUser({ id: BOT, username: 'kept_bot', isBot: true });
  server.world.addUser({ id: SHY_BOT, username: 'shy_bot', isBot: true, privacyMode: true });
  server.world.addUser({ id: ADA, username: 'ada_lovelace', firstName: 'Ada' });
  server.world.addUser({ id: BOB, username: 'bob_builder', firstName: 'Bob' });
  server.world.addSupergroup({ id: 1_500_000_300, title: 'Forum', username: 'the_forum', members: [ADA, BOB, BOT, SHY_BOT] });
  return server;
};
