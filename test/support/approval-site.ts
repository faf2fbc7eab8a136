import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { CHAT_AGENT } from '../../src/application/index.ts';
import { type AccessPolicy, type ChatId, operatorOnly, type UserId } from '../../src/domain/index.ts';
import type { Tool } from '../../src/ports/index.ts';
import { buildTool, buildWorkspace, telegramChat, telegramUser } from '../../src/testing/index.ts';
import { BOT, type TelegramSite } from './telegram-site.ts';

export const OWNER = telegramUser(601);
export const MEMBER = telegramUser(602);
export const GUEST = telegramUser(603);
export const STRANGER = telegramUser(604);

/** A bot that the configuration calls an owner: no bot decides, whatever it says. */
export const ROBOT = telegramUser(605);

/** Supergroups with an owner, a member and a guest: so many that the 20 messages a minute of each suffice. */
const GROUP_IDS = Array.from({ length: 40 }, (_, at) => 1_700_000_001 + at);
export const GROUPS: readonly ChatId[] = GROUP_IDS.map((id) => telegramChat(-1_000_000_000_000 - id));
export const directoryOf = (group: number): string => `/srv/w${group}`;
/** What is asked there is asked about another directory. */
export const isChanged = (group: number): boolean => group % 5 === 4;

const ROLES = [
  [OWNER, 'owner'],
  [ROBOT, 'owner'],
  [GUEST, 'guest'],
] as const;

const roles = (): ReadonlyMap<UserId, { readonly role: 'owner' | 'guest'; readonly path: string }> =>
  new Map(ROLES.map(([id, role]) => [id, { role, path: 'roles' }]));

export const POLICY: AccessPolicy = {
  ...operatorOnly('/srv'),
  workspaces: GROUPS.map((chatId, at) =>
    buildWorkspace({ name: `W${at}`, aliases: [], chatIds: [chatId], directory: directoryOf(at), roles: roles() }),
  ),
};

const numberOf = (id: UserId): number => Number(id.replace('telegram:', ''));

/** Puts the people and groups on a Telegram, and what `POLICY` says of them into the configuration file of its bot. */
export const populate = async ({ server: { world }, env }: TelegramSite): Promise<void> => {
  const people = [OWNER, MEMBER, GUEST, STRANGER].map(numberOf);
  for (const id of people) world.addUser({ id, firstName: `Person ${id}` });
  const robot = numberOf(ROBOT);
  world.addUser({ id: robot, username: 'robot_bot', isBot: true, token: `${robot}:${'r'.repeat(35)}` });
  for (const id of GROUP_IDS) world.addSupergroup({ id, title: `Group ${id}`, members: [...people, robot, BOT] });
  const path = env.KEPT_CONFIG as string;
  const config = JSON.parse(await readFile(path, 'utf8'));
  const { Orchard: example } = config.workspaces;
  config.workspaces = Object.fromEntries(
    GROUPS.map((chatId, at) => [
      `W${at}`,
      {
        ...example,
        aliases: [`w${at}`],
        telegram_chat_ids: [chatId.replace('telegram:', '')],
        working_directory: directoryOf(at),
        roles: Object.fromEntries(ROLES),
      },
    ]),
  );
  config.telegram_groups = Object.fromEntries(GROUPS.map((chatId, at) => [chatId.replace('telegram:', ''), `W${at}`]));
  await writeFile(path, JSON.stringify(config));
};

export const AGENT = { ...CHAT_AGENT, tools: ['send', 'pay'] };

/** An effect that the world outside has seen. */
export interface Effect {
  readonly n: number;
  readonly key: string;
  /** Of the process that had it. */
  readonly pid: number;
  /** In ms since 1970. */
  readonly at: number;
}

export const effectsIn = (file: string): readonly Effect[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Effect)
    : [];

const MOMENT_MS = 4;
/** Between an effect and its result: whoever wants to kill there can. */
const UNTIL_TOLD_MS = 20;

/** Tools that act: each call leaves a line in the file. `pay` can say later what became of a call. */
export const actingTools = (file: string): readonly Tool[] => {
  const run: Tool['run'] = async (input, { callKey = '' }) => {
    const { n } = input as { n: number };
    await wait(MOMENT_MS);
    appendFileSync(file, `${JSON.stringify({ n, key: callKey, pid: process.pid, at: Date.now() } satisfies Effect)}\n`);
    await wait(UNTIL_TOLD_MS);
    return { output: `done ${n}`, isError: false };
  };
  const outcomeOf: Tool['outcomeOf'] = async (_, { callKey }) =>
    effectsIn(file).some(({ key }) => key === callKey) ? { output: 'done before', isError: false } : 'not-run';
  return [buildTool({ name: 'send', effect: 'acts', run }), buildTool({ name: 'pay', effect: 'acts', run, outcomeOf })];
};
