import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type MtprotoServer, startMtprotoServer } from '../fakes/telegram/index.ts';
import { makeSite, type Site } from './kept-process.ts';

/** People and chats as every Telegram test has them. Ids are made up. */
export const BOT = 7_000_000_001;
export const ADA = 1_001;
export const GRACE = 1_002;
export const STRANGER = 1_003;
export const OTHER_BOT = 1_004;
export const DEV_GROUP = -2_001;
export const TEAM_GROUP = -1_001_500_002_002;
export const UNMAPPED_GROUP = -2_003;
const TOKEN = `${BOT}:${'t'.repeat(35)}`;

export interface TelegramSite extends Site {
  readonly server: MtprotoServer;
}

/**
 * A site with a Telegram of its own: a dev group, a supergroup of another workspace, a group without a workspace, and
 * people.
 */
export const makeTelegramSite = async (env: NodeJS.ProcessEnv = {}, now?: () => number): Promise<TelegramSite> => {
  const server = await startMtprotoServer(now ? { now } : {});
  const { world } = server;
  world.addUser({ id: BOT, username: 'kept_bot', firstName: 'Kept', isBot: true, token: TOKEN, privacyMode: false });
  world.addUser({ id: ADA, username: 'Ada', firstName: 'Ada' });
  world.addUser({ id: GRACE, firstName: 'Grace' });
  world.addUser({ id: STRANGER, username: 'stranger', firstName: 'Somebody' });
  world.addUser({ id: OTHER_BOT, username: 'other_bot', firstName: 'Other', isBot: true, token: `${OTHER_BOT}:${'o'.repeat(35)}` });
  const members = [ADA, BOT, GRACE, STRANGER, OTHER_BOT];
  world.addGroup({ id: 2_001, title: 'Acme Dev', members });
  world.addSupergroup({ id: 1_500_002_002, title: 'Orchard', members });
  world.addGroup({ id: 2_003, title: 'Elsewhere', members });
  const site = await makeSite({
    TELEGRAM_API_ID: '1234567',
    TELEGRAM_API_HASH: '0123456789abcdef'.repeat(2),
    TELEGRAM_BOT_TOKEN: TOKEN,
    TELEGRAM_DC_ADDRESS: server.address,
    ...env,
  });
  const keyPath = join(site.root, 'server-key.pem');
  await writeFile(keyPath, await server.publicKeyPem());
  const configPath = site.env.KEPT_CONFIG as string;
  const config = JSON.parse(await readFile(configPath, 'utf8'));
  const workspace = {
    database_id: '0123456789abcdef0123456789abcdef',
    description: 'x',
    workspace_type: 'x',
    working_directory: site.project,
  };
  config.workspaces = {
    'Acme Dev': { ...workspace, telegram_chat_ids: [`${DEV_GROUP}`], aliases: ['acme'], is_dev_group: true },
    Orchard: { ...workspace, telegram_chat_ids: [`${TEAM_GROUP}`], aliases: ['orchard'] },
  };
  config.telegram_groups = { [DEV_GROUP]: 'Acme Dev', [TEAM_GROUP]: 'Orchard' };
  config.dm_whitelist.allowed_users = { ada: { username: 'ada', description: 'Ada' } };
  config.dm_whitelist.allowed_user_ids = { [GRACE]: { description: 'Grace' } };
  await writeFile(configPath, JSON.stringify(config));
  return {
    ...site,
    server,
    env: { ...site.env, TELEGRAM_DC_PUBLIC_KEY: keyPath },
    remove: async () => {
      await server.close();
      await site.remove();
    },
  };
};
