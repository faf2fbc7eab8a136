import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../src/config/index.ts';
import { telegramChat, telegramUser } from '../../src/testing/index.ts';
import { configOf } from '../support/site-config.ts';

/** Somebody who writes. */
export interface Person {
  readonly id: number;
  readonly name: string;
  readonly username: string;
  readonly kind?: 'person' | 'bot' | 'anonymous';
}

/** The owner of Shop and Dev. */
export const anna: Person = { id: 501, name: 'Anna', username: 'anna' };
/** A member of both. */
export const ben: Person = { id: 502, name: 'Ben', username: 'ben' };
/** A guest of both. */
export const gus: Person = { id: 503, name: 'Gus', username: 'gus' };
/** The owner of another workspace, with no role in these two. */
export const eve: Person = { id: 504, name: 'Eve', username: 'eve' };
/** Nobody knows her. */
export const mallory: Person = { id: 666, name: 'Mallory', username: 'mallory' };
export const robot: Person = { id: 900, name: 'Robot', username: 'robot_bot', kind: 'bot' };
export const hidden: Person = { id: 901, name: 'Group', username: 'group', kind: 'anonymous' };

const SHOP = telegramChat(-1001);
const DEV = telegramChat(-1002);
const VAULT = telegramChat(-1003);
const directChat = ({ id }: Person) => telegramChat(id);
export const ROOMS = {
  shop: SHOP,
  dev: DEV,
  vault: VAULT,
  anna: directChat(anna),
  ben: directChat(ben),
  gus: directChat(gus),
  mallory: directChat(mallory),
} as const;
export type RoomName = keyof typeof ROOMS;

/** What nobody outside of its place may see. */
export const SHOP_FILE = 'KANARI-SHOPFILE';
export const SHOP_NOTION = 'KANARI-SHOPPAGE';
export const VAULT_FILE = 'KANARI-VAULTDOC';
export const VAULT_NOTION = 'KANARI-VAULTPAG';
export const HOME_FILE = 'KANARI-HOMEFILE';
export const OUTSIDE_FILE = 'KANARI-OUTSIDER';
/** A key of the installation, and one that lies in a file of the workspace. */
export const API_KEY = 'pplx-4f9a8c7e6d5b4a39281706f5e4d3c2b1a0f9e8d7';
export const FILE_KEY = 'sk-ant-api03-Zx9YwVuTsRqPoNmLkJiHgFeDcBa1029384756QpWoEiRuTy';

export const SHOP_DATABASE = '11111111-1111-1111-1111-111111111111';
export const VAULT_DATABASE = '22222222-2222-2222-2222-222222222222';

const user = ({ id }: Person): string => telegramUser(id);

/** Everything that the operator has configured, as the files hold it. */
const workspaceFile = (root: string, allOwners: boolean, strangers: boolean) => {
  const role = (usual: 'owner' | 'member' | 'guest') => (allOwners ? 'owner' : usual);
  const roles = {
    [user(anna)]: 'owner',
    [user(ben)]: role('member'),
    [user(gus)]: role('guest'),
    ...(allOwners ? { [user(eve)]: 'owner' } : {}),
  };
  const mcpSafeTools = ['mcp__shop__lookup', 'mcp__shop__note', 'mcp__diary__write'];
  const workspace = { workspace_type: 'team', mcp_safe_tools: mcpSafeTools };
  return {
    people: { [user(anna)]: { name: 'Anna', role: 'owner' }, [user(gus)]: { name: 'Gus', role: role('guest') } },
    workspaces: {
      Shop: {
        ...workspace,
        description: 'The shop',
        working_directory: join(root, 'shop'),
        telegram_chat_ids: [-1001],
        database_id: SHOP_DATABASE,
        roles,
      },
      Dev: {
        ...workspace,
        description: 'Developers',
        working_directory: join(root, 'dev'),
        telegram_chat_ids: [-1002],
        is_dev_group: true,
        roles,
      },
      Vault: {
        ...workspace,
        description: 'Another team',
        working_directory: join(root, 'vault'),
        telegram_chat_ids: [-1003],
        database_id: VAULT_DATABASE,
        roles: { [user(eve)]: 'owner' },
      },
    },
    dm_whitelist: {
      default_working_directory: join(root, 'home'),
      mcp_safe_tools: mcpSafeTools,
      allowed_user_ids: {
        '501': { description: 'Anna', working_directory: join(root, 'home') },
        '502': { description: 'Ben', working_directory: join(root, 'ben') },
        '503': { description: 'Gus', working_directory: join(root, 'gus') },
        ...(strangers ? { '666': { description: 'Mallory' } } : {}),
      },
    },
  };
};

export interface HouseOptions {
  /** URL below which the MCP servers answer, and their names. */
  readonly mcp: { readonly url: string; readonly names: readonly string[] };
  /** Files by their paths from the root, over those that are always there. */
  readonly files?: Readonly<Record<string, string | Uint8Array>> | undefined;
  /** Everybody is an owner. */
  readonly allOwners?: boolean | undefined;
  /** What may be spent on a day, in US dollars. */
  readonly dailyUsd?: number | undefined;
  /** Strangers may write. */
  readonly strangers?: boolean | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

const FILES: Readonly<Record<string, string>> = {
  'shop/README.md': '# Shop\nWe sell trains. Delivery takes three days.\n',
  'shop/prices.md': 'Blue train: 40. Red train: 60.\n',
  'shop/private.md': `Margins of this year: ${SHOP_FILE}\n`,
  'shop/.env': `ANTHROPIC_API_KEY=${FILE_KEY}\n`,
  'shop/notes/deploy.md': `The key is ${FILE_KEY}, keep it.\n`,
  'dev/src/train.ts': 'export const wheels = 8;\n',
  'dev/package.json': '{"name":"train"}\n',
  'dev/.git/config': '[core]\n',
  'vault/salaries.md': `Salaries: ${VAULT_FILE}\n`,
  'home/diary.md': `Diary: ${HOME_FILE}\n`,
  'ben/todo.md': 'Buy milk.\n',
  'gus/todo.md': 'Say hello.\n',
  'outside.md': `Outside: ${OUTSIDE_FILE}\n`,
  'agents/telegram_chat_agent.md': '---\nskills: greeting\n---\n',
  'skills/greeting/SKILL.md': '---\nname: greeting\ndescription: How to greet customers\n---\nSay hello, and their name.\n',
};

/** The files of an installation below `root`, and its configuration. */
export const makeHouse = (root: string, { mcp, files = {}, allOwners = false, strangers = false, dailyUsd, env = {} }: HouseOptions) => {
  for (const [path, content] of Object.entries({ ...FILES, ...files })) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  symlinkSync(join(root, 'vault'), join(root, 'shop', 'partner'));
  symlinkSync(join(root, 'outside.md'), join(root, 'shop', 'linked.md'));
  const configPath = join(root, 'workspace_config.json');
  const mcpPath = join(root, '.mcp.json');
  writeFileSync(
    configPath,
    JSON.stringify({
      ...workspaceFile(root, allOwners, strangers),
      ...(dailyUsd === undefined ? {} : { budget: { daily_usd: dailyUsd } }),
    }),
  );
  const mcpServers = Object.fromEntries(mcp.names.map((name) => [name, { type: 'http', url: `${mcp.url}/${name}` }]));
  writeFileSync(mcpPath, JSON.stringify({ mcpServers }), { mode: 0o600 });
  const config: Config = configOf(
    {
      KEPT_DATA_DIR: join(root, 'data'),
      KEPT_CONFIG: configPath,
      KEPT_MCP_CONFIG: mcpPath,
      KEPT_AGENTS_DIR: join(root, 'agents'),
      KEPT_SKILLS_DIR: join(root, 'skills'),
      KEPT_MODELS: 'rehearsal',
      KEPT_CODING_AGENT: `acp:${process.execPath} agent`,
      PERPLEXITY_API_KEY: API_KEY,
      NOTION_API_KEY: 'ntn_0123456789abcdefghijklmnopqrstuvwxyz012345',
      TZ: 'UTC',
      ...env,
    },
    root,
  );
  return {
    config,
    /** What configuration says, as its files have it now. */
    configured: (): string => readFileSync(configPath, 'utf8') + readFileSync(mcpPath, 'utf8'),
  };
};
