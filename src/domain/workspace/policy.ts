import type { Budget } from '../budget/money.ts';
import type { ChatKind } from '../chat/chat.ts';
import type { ChatMove } from '../chat/chat-move.ts';
import { type ChatId, roomOf, type UserId } from '../chat/ids.ts';
import type { Role } from '../rights/rights.ts';
import { present } from '../shared/present.ts';
import { usernameOf, type Whitelist } from '../whitelist/whitelist.ts';

/** A named project. */
export interface Workspace {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly description: string;
  readonly type: string;
  /** Absolute. */
  readonly directory: string;
  readonly notionDatabaseId?: string;
  /** Rooms: what is said in a thread of one belongs to the workspace, too. */
  readonly chatIds: readonly ChatId[];
  readonly isDevGroup: boolean;
  /** Name of the agent that answers in its chats. Absent: the one for all chats. */
  readonly agent?: string;
  /** Names or patterns of the tools that agents may call here, at the most. Absent: all that an agent has. */
  readonly tools?: readonly string[];
  /** Names of the MCP servers whose tools may be offered here. Absent: all of them. */
  readonly mcpServers?: readonly string[];
  /** Names or patterns of the MCP tools that may run here without an approval, in promises. Absent: none. */
  readonly mcpSafeTools?: readonly string[];
  /** Who has which role here. Absent, or no entry: see `people` of the policy. */
  readonly roles?: ReadonlyMap<UserId, GivenRole>;
  /** Names or patterns of the tools of which each call needs an approval here. Absent: none beside those that act. */
  readonly approve?: readonly string[];
  /** What may be spent here. Absent: what the installation may. */
  readonly budget?: Budget;
}

/** A role, and where the configuration gives it. */
export interface GivenRole {
  readonly role: Role;
  readonly path: string;
}

/** A person whom the configuration names. */
export interface KnownPerson {
  readonly name: string;
  /** In every place whose `roles` do not name the person. Absent: what somebody without an entry may. */
  readonly role?: Role;
  /** What may be spent on what this person asks for. */
  readonly budget?: Budget;
  /** Where the entry stands in the configuration. */
  readonly path: string;
}

/** Who may talk to the agent, where, and which directory their work is held to. */
export interface AccessPolicy {
  readonly workspaces: readonly Workspace[];
  /** Workspace names in lower case; absent means that every workspace's groups are allowed. */
  readonly allowedGroups?: ReadonlySet<string>;
  readonly whitelist: Whitelist;
  /** Persons by name. Nobody gets in by it: who may write, workspaces and whitelist decide. Absent: nobody is named. */
  readonly people?: ReadonlyMap<UserId, KnownPerson>;
  /** What the whole installation may spend. Absent: anything. */
  readonly budget?: Budget;
}

/** What a turn or promise may touch. Decided by configuration alone; nothing that is said can widen it. */
export interface Scope {
  readonly workspace?: string;
  /** Absolute. */
  readonly directory: string;
}

/** Where something was asked for, and by whom. */
export interface Origin {
  readonly chatId: ChatId;
  readonly chatKind: ChatKind;
  readonly senderId: UserId;
  readonly username?: string;
}

/** The workspace that a chat's room belongs to. */
export const workspaceOf = ({ workspaces }: Pick<AccessPolicy, 'workspaces'>, chatId: ChatId): Workspace | undefined => {
  const room = roomOf(chatId);
  return workspaces.find(({ chatIds }) => chatIds.includes(room));
};

/** Rule 6: the workspace's directory in a group; the person's own, else the default, in a direct message. */
export const scopeOf = (policy: AccessPolicy, { chatId, senderId, username }: Pick<Origin, 'chatId' | 'senderId' | 'username'>): Scope => {
  const workspace = workspaceOf(policy, chatId);
  if (workspace) return { workspace: workspace.name, directory: workspace.directory };
  const { userIds, usernames, defaultDirectory } = policy.whitelist;
  const name = usernameOf({ id: senderId, ...present({ username }) });
  const entry = userIds.get(senderId) ?? (name === undefined ? undefined : usernames.get(name));
  return { directory: entry?.directory ?? defaultDirectory };
};

/** The tenant whose concurrency quota a chat's promises count against: its workspace, else its room. */
export const tenantOf = (policy: Pick<AccessPolicy, 'workspaces'>, chatId: ChatId): string =>
  workspaceOf(policy, chatId)?.name ?? roomOf(chatId);

/** The same, from the scope that was decided for the chat. */
export const tenantIn = ({ workspace }: Pick<Scope, 'workspace'>, chatId: ChatId): string => workspace ?? roomOf(chatId);

/** A chat of a workspace that the configuration still names by its old id. */
export interface OutdatedChat extends ChatMove {
  readonly workspace: string;
}

/** What is to be changed in the configuration: chats that have moved, and whose new id no workspace names. */
export const outdatedChats = ({ workspaces }: Pick<AccessPolicy, 'workspaces'>, moves: readonly ChatMove[]): readonly OutdatedChat[] => {
  const named = new Set(workspaces.flatMap(({ chatIds }) => chatIds));
  return workspaces.flatMap(({ name, chatIds }) =>
    moves.filter(({ from, to }) => chatIds.includes(from) && !named.has(to)).map((move) => ({ ...move, workspace: name })),
  );
};

/** The policy with each chat's new id beside the old one, which stands for it in the configuration. */
export const movedPolicy = (policy: AccessPolicy, moves: readonly ChatMove[]): AccessPolicy => {
  const added = Map.groupBy(outdatedChats(policy, moves), ({ workspace }) => workspace);
  if (added.size === 0) return policy;
  const withNewIds = (workspace: Workspace): Workspace => ({
    ...workspace,
    chatIds: [...workspace.chatIds, ...(added.get(workspace.name) ?? []).map(({ to }) => to)],
  });
  return { ...policy, workspaces: policy.workspaces.map(withNewIds) };
};

/** Nobody but the operator, in local chats, with work held to `directory` (absolute). */
export const operatorOnly = (directory: string): AccessPolicy => ({
  workspaces: [],
  whitelist: { userIds: new Map(), usernames: new Map(), defaultDirectory: directory },
});
