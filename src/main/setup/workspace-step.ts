import { accessSync, constants, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { BotSetup, GroupRights, TelegramRights } from '../../adapters/telegram/index.ts';
import { oneLine } from '../../adapters/terminal/index.ts';
import { asWritten, groupNamed } from '../../config/named-ids.ts';
import { isRefusal } from '../../config/refusal.ts';
import { type ChatId, describe } from '../../domain/index.ts';
import { errorCode } from '../../domain/shared/error-code.ts';
import { mayReplace, type Setup, StepFailed, untilHeard, untilItWorks, write } from './setup.ts';
import { telegramOf } from './telegram-step.ts';
import { withGroups, withWorkspace } from './workspace-text.ts';

/** The workspaces that the configuration has groups for. */
export const namedWorkspaces = ({ files }: Pick<Setup, 'files'>): readonly string[] =>
  files.config().policy.workspaces.flatMap(({ name, chatIds }) => (chatIds.length > 0 ? [name] : []));

/** A project: its directory, and the groups in which it is talked about. Resolves to its name. */
export const workspaceStep = async (setup: Setup): Promise<string | undefined> => {
  const { flags, person, tell } = setup;
  const isNamed = flags.workspace !== undefined || flags.group !== undefined || flags.allMessages !== undefined;
  if (isNamed) return fromFlags(setup);
  if (flags.directory !== undefined) {
    const directory = directoryNamed(setup, flags.directory);
    write(setup, { workspaces: (before) => withDefaultDirectory(before, directory) });
    tell('directory', `${directory}, for direct messages`);
  }
  const known = namedWorkspaces(setup);
  if (known.length > 0) {
    tell('workspace', `kept (${known.join(', ')})`);
    return known[0];
  }
  if (!person || telegramOf(setup) === undefined) return undefined;
  if (!(await person.confirm('Is there a project with a group of its own?', true))) {
    tell('workspace', 'left out: direct messages alone');
    return undefined;
  }
  return fromPerson(setup);
};

const withDefaultDirectory = (before: Readonly<Record<string, unknown>>, directory: string): Readonly<Record<string, unknown>> => ({
  ...before,
  dm_whitelist: { ...(before.dm_whitelist as object | undefined), default_working_directory: directory },
});

const fromFlags = async (setup: Setup): Promise<string> => {
  const { flags, files, cwd, tell } = setup;
  const existing = files.config().policy.workspaces;
  const name = flags.workspace ?? existing.find(({ chatIds }) => chatIds.length > 0)?.name ?? basename(cwd);
  const groups = (flags.group ?? []).map(groupIn);
  const isDev = flags.allMessages === true;
  const bot = groups.length > 0 ? await setup.bot() : undefined;
  if (bot) requireRights(await bot.rights(groups), { isDev, tell });
  const before = existing.find((workspace) => workspace.name === name);
  const directory = flags.directory === undefined ? undefined : directoryNamed(setup, flags.directory);
  const keeps =
    before && directory !== undefined && before.directory !== directory && !(await mayReplace(setup, `The directory of ${name}`));
  write(setup, {
    workspaces: (written) =>
      withGroups(
        withWorkspace(written, name, {
          ...(directory === undefined || keeps ? (before ? {} : { working_directory: cwd }) : { working_directory: directory }),
          ...(isDev ? { is_dev_group: true } : {}),
        }),
        name,
        groups.map(asWritten),
      ),
  });
  tell('workspace', `${name}${groups.length === 0 ? '' : `, in ${groups.map(asWritten).join(', ')}`}`);
  return name;
};

const groupIn = (written: string): ChatId => {
  const id = groupNamed(written);
  if (!isRefusal(id)) return id;
  throw new StepFailed(`${describe(written)}: ${id.problem}`, id.hint, 'init/no-group');
};

/** An absolute path of a directory in which work can be done. Throws StepFailed. */
export const directoryNamed = ({ cwd }: Pick<Setup, 'cwd'>, written: string): string => {
  const path = resolve(cwd, written);
  try {
    if (!statSync(path).isDirectory())
      throw new StepFailed(`${path} is not a directory`, 'name the directory of the project', 'init/no-directory');
    accessSync(path, constants.R_OK | constants.X_OK);
    return path;
  } catch (thrown) {
    if (errorCode(thrown) === undefined || thrown instanceof StepFailed) throw thrown;
    const words = errorCode(thrown) === 'ENOENT' ? 'does not exist' : `can't be read (${errorCode(thrown)})`;
    throw new StepFailed(`${path} ${words}`, 'make it, or name another directory', 'init/no-directory');
  }
};

const fromPerson = async (setup: Setup): Promise<string | undefined> => {
  const { person, cwd, flags, tell } = setup;
  if (!person) return undefined;
  const usual = basename(cwd);
  const name = (await person.ask(`Name of the project [${usual}]: `)) || usual;
  const directory = await untilItWorks(setup, async () =>
    directoryNamed(setup, flags.directory ?? ((await person.ask(`Its directory [${cwd}]: `)) || cwd)),
  );
  if (directory === undefined) return undefined;
  const bot = await untilItWorks(setup, setup.bot);
  const group = bot ? await findGroup(setup, bot) : await askGroup(setup);
  const isDev =
    group !== undefined && (await person.confirm('Answer every message there? Otherwise those that mention it, or reply to it', false));
  if (bot && group) await checkRights(setup, bot, group, isDev);
  write(setup, {
    workspaces: (written) =>
      withGroups(
        withWorkspace(written, name, { working_directory: directory, ...(isDev ? { is_dev_group: true } : {}) }),
        name,
        group === undefined ? [] : [asWritten(group)],
      ),
  });
  tell('workspace', `${name} in ${directory}${group === undefined ? ', without a group' : ''}`);
  return name;
};

const askGroup = async (setup: Setup): Promise<ChatId | undefined> =>
  untilItWorks(setup, async () => {
    const written = (await setup.person?.ask('Number of the group, such as -1001234567890 (Enter alone: none): ')) ?? '';
    return written === '' ? undefined : groupIn(written);
  });

/** Waits until the bot hears from a group, as it does when it is added to one, and offers that group. */
const findGroup = async (setup: Setup, bot: BotSetup): Promise<ChatId | undefined> => {
  const { person, say } = setup;
  if (!person) return undefined;
  const { username, id } = bot.self;
  const name = `@${username ?? id}`;
  say(`Add ${name} to the group now. If it is there already, write /start${name} there.`);
  const refused = new Set<ChatId>();
  for (;;) {
    const group = await untilHeard<ChatId>(setup, 'Waiting to hear from it', (heard) =>
      bot.listen({ onGroup: (id) => !refused.has(id) && heard(id) }),
    );
    if (group === undefined) return undefined;
    const [rights] = (await untilItWorks(setup, () => bot.rights([group])))?.groups ?? [];
    if (await person.confirm(`It hears from ${nameOf(rights, group)}. Is that the group?`, true)) return group;
    refused.add(group);
  }
};

const nameOf = (rights: GroupRights | undefined, id: ChatId): string =>
  rights?.title === undefined ? asWritten(id) : `“${oneLine(rights.title)}” (${asWritten(id)})`;

/** What the bot lacks in a group, with what helps; undefined where it lacks nothing. */
const lackOf = (
  { privacyMode }: TelegramRights,
  group: GroupRights,
  isDev: boolean,
): { readonly problem: string; readonly fix: string } | undefined => {
  const name = nameOf(group, group.chatId);
  if (group.state === 'absent') return { problem: `it is not in the group ${name}`, fix: 'add it to the group' };
  if (group.state === 'mute')
    return { problem: `it may not write in the group ${name}`, fix: 'let members send messages there, or make it an admin of the group' };
  if (group.state === 'unknown')
    return { problem: `Telegram does not say what it may do in ${name}: ${group.reason}`, fix: 'look again later' };
  if (isDev && privacyMode && group.state === 'member')
    return {
      problem: `in ${name} it sees only commands, mentions and replies to it (privacy mode)`,
      fix: 'make it an admin of the group; or send /setprivacy to @BotFather, choose the bot and Disable, and add it to the group again',
    };
  return undefined;
};

/** For flags: what keeps it from answering at all is refused, and what it would not see is told. */
const requireRights = (rights: TelegramRights, { isDev, tell }: { readonly isDev: boolean } & Pick<Setup, 'tell'>): void => {
  for (const group of rights.groups) {
    const lack = lackOf(rights, group, isDev);
    if (!lack) continue;
    if (group.state !== 'member') throw new StepFailed(lack.problem, lack.fix, 'init/group-rights');
    tell('warning', `${lack.problem}\n  → ${lack.fix}`);
  }
};

const checkRights = async (setup: Setup, bot: BotSetup, id: ChatId, isDev: boolean): Promise<void> => {
  const { person, say } = setup;
  for (;;) {
    const rights = await untilItWorks(setup, () => bot.rights([id]));
    const group = rights?.groups[0];
    const lack = rights && group && lackOf(rights, group, isDev);
    if (!person || !lack) return;
    say(`${lack.problem}\n  → ${lack.fix}`);
    if (!(await person.confirm('Look again?', true))) return;
  }
};
