import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { CHAT_AGENT } from '../../src/application/index.ts';
import { type AccessPolicy, type ChatId, operatorOnly, type UserId } from '../../src/domain/index.ts';
import type { Tool } from '../../src/ports/index.ts';
import { buildTool, buildWorkspace, telegramChat, telegramUser } from '../../src/testing/index.ts';

export const OWNER = telegramUser(601);
export const MEMBER = telegramUser(602);
export const GUEST = telegramUser(603);
export const STRANGER = telegramUser(604);

/** Groups with an owner, a member and a guest. What was asked in the last one was asked about another directory. */
export const GROUPS: readonly ChatId[] = [1, 2, 3, 4].map((n) => telegramChat(-1_001_000_000_000 - n));
export const directoryOf = (group: number): string => `/srv/w${group}`;

const roles = (): ReadonlyMap<UserId, { readonly role: 'owner' | 'guest'; readonly path: string }> =>
  new Map([
    [OWNER, { role: 'owner', path: 'roles' }],
    [GUEST, { role: 'guest', path: 'roles' }],
  ]);

export const POLICY: AccessPolicy = {
  ...operatorOnly('/srv'),
  workspaces: GROUPS.map((chatId, at) =>
    buildWorkspace({ name: `W${at}`, aliases: [], chatIds: [chatId], directory: directoryOf(at), roles: roles() }),
  ),
};

export const AGENT = { ...CHAT_AGENT, tools: ['send', 'pay'] };

/** An effect that the world outside has seen. */
export interface Effect {
  readonly n: number;
  readonly key: string;
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

/** Tools that act: each call leaves a line in the file. `pay` can say later what became of a call. */
export const actingTools = (file: string): readonly Tool[] => {
  const run: Tool['run'] = async (input, { callKey = '' }) => {
    const { n } = input as { n: number };
    await wait(MOMENT_MS);
    appendFileSync(file, `${JSON.stringify({ n, key: callKey, at: Date.now() } satisfies Effect)}\n`);
    await wait(MOMENT_MS);
    return { output: `done ${n}`, isError: false };
  };
  const outcomeOf: Tool['outcomeOf'] = async (_, { callKey }) =>
    effectsIn(file).some(({ key }) => key === callKey) ? { output: 'done before', isError: false } : 'not-run';
  return [buildTool({ name: 'send', effect: 'acts', run }), buildTool({ name: 'pay', effect: 'acts', run, outcomeOf })];
};
