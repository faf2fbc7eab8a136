import type { GroupRights, TelegramRights } from '../../adapters/telegram/index.ts';
import type { AccessPolicy, ChatId, UserId } from '../../domain/index.ts';
import { workspaceOf } from '../../domain/workspace/policy.ts';
import type { Finding } from '../../ports/index.ts';

/** The groups of a gateway that the configuration names. */
export const configuredGroups = ({ workspaces }: Pick<AccessPolicy, 'workspaces'>, isOurs: (id: ChatId) => boolean): readonly ChatId[] =>
  workspaces.flatMap(({ chatIds }) => chatIds.filter(isOurs));

interface Lack {
  readonly problem: string;
  readonly hint: string;
}

/** What Telegram lets the account do, held against what the configuration wants of it. */
export const rightsFinding = (rights: TelegramRights, policy: AccessPolicy): Finding => {
  const lacks = [...rights.groups.flatMap((group) => lackIn(rights, group, policy)), ...listLacks(rights, policy)];
  if (lacks.length === 0) return { status: 'ok', message: wellWords(rights) };
  return {
    status: 'warn',
    message: lacks.map(({ problem }) => problem).join('; '),
    where: 'Telegram',
    fixHint: [...new Set(lacks.map(({ hint }) => hint))].join('; '),
  };
};

const lackIn = ({ isBot, privacyMode }: TelegramRights, group: GroupRights, policy: AccessPolicy): readonly Lack[] => {
  const workspace = workspaceOf(policy, group.chatId);
  const name = `${group.title === undefined ? group.chatId : JSON.stringify(group.title)}${workspace ? ` (${workspace.name})` : ''}`;
  switch (group.state) {
    case 'absent':
      return [{ problem: `it is not in the group ${name}`, hint: 'add it to the group, or take the group out of workspace_config.json' }];
    case 'mute':
      return [{ problem: `it may not write in the group ${name}`, hint: 'let members of the group send messages, or make it an admin' }];
    case 'member':
      if (!isBot || !privacyMode || !workspace?.isDevGroup) return [];
      return [
        {
          problem: `in the dev group ${name} it sees only commands, mentions and replies to it (privacy mode)`,
          hint: 'make it an admin of the group, or turn privacy mode off at @BotFather (/setprivacy) and add it to the group again',
        },
      ];
    default:
      return [];
  }
};

/** People whom the configuration lets in, and whom Telegram keeps out. */
const listLacks = ({ restrictedTo }: TelegramRights, { whitelist }: AccessPolicy): readonly Lack[] => {
  if (!restrictedTo) return [];
  const letIn = new Set<UserId>(restrictedTo);
  const out = [...whitelist.userIds.keys()].filter((id) => id.startsWith('telegram:') && !letIn.has(id));
  const shown = out.length === 0 ? '' : `, and not ${out.slice(0, 5).join(', ')}${out.length > 5 ? ` and ${out.length - 5} more` : ''}`;
  return [
    {
      problem: `Telegram lets only its owner and ${restrictedTo.length} others write to it${shown}`,
      hint: "add the people of dm_whitelist to the bot's own access list at @BotFather, or lift that restriction there",
    },
  ];
};

const wellWords = ({ isBot, privacyMode, groups }: TelegramRights): string => {
  const asked = groups.filter(({ state }) => state !== 'unknown').length;
  const sight = !isBot ? 'sees every message of its groups' : privacyMode ? 'privacy mode is on' : 'privacy mode is off';
  const unknown = groups.length - asked;
  return `in ${asked} of ${groups.length} groups${unknown > 0 ? ` (Telegram does not say of ${unknown})` : ''}; ${sight}`;
};
