import { type ChatId, isLocalChat, type UserId } from '../chat/ids.ts';
import type { TaskTerms } from '../promise/promise.ts';
import { present } from '../shared/present.ts';
import { usernameOf } from '../whitelist/whitelist.ts';
import { type AccessPolicy, type Origin, workspaceOf } from '../workspace/policy.ts';
import type { IncomingMessage, Sender } from './message.ts';

/**
 * Whether a message may reach the agent, with the rule that decided and where in the configuration that rule stands.
 */
export interface AccessDecision {
  readonly allowed: boolean;
  readonly rule: AccessRule;
  readonly path: string;
}

export type AccessRule =
  | 'local-operator'
  | 'self-ping'
  | 'workspace-group'
  | 'whitelisted-user-id'
  | 'whitelisted-username'
  | 'paired'
  | 'own-message'
  | 'service-account'
  | 'anonymous-sender'
  | 'unmapped-group'
  | 'group-not-allowed'
  | 'username-pinned-elsewhere'
  | 'not-whitelisted';

export interface AccessFacts {
  /** The id that this sender's username was first seen with, when it was seen before. */
  readonly pinnedUserId?: UserId;
  /** Whether this very message is our outstanding self-ping. */
  readonly isOutstandingPing?: boolean;
  /** Whether an owner has let this sender in, as is stored now. Default: as this process knows. */
  readonly isPaired?: boolean;
}

const allow = (rule: AccessRule, path: string): AccessDecision => ({ allowed: true, rule, path });
const deny = (rule: AccessRule, path: string): AccessDecision => ({ allowed: false, rule, path });

/** Who speaks, and where. */
export type Speaker = Pick<IncomingMessage, 'chat' | 'sender'>;

/** The one access decision, for every entrance: rules 1, 3 and 4 of the message rules. */
export const decideAccess = (policy: AccessPolicy, { chat, sender }: Speaker, facts: AccessFacts = {}): AccessDecision => {
  if (sender.kind === 'self') return facts.isOutstandingPing ? allow('self-ping', '(self-ping)') : deny('own-message', '(own message)');
  if (sender.kind === 'service') return deny('service-account', '(built in)');
  if (sender.kind === 'anonymous') return deny('anonymous-sender', '(built in)');
  if (isLocalChat(chat.id))
    return sender.kind === 'operator' ? allow('local-operator', '(local chat)') : deny('not-whitelisted', '(local chat)');
  return chat.kind === 'direct' ? decideDirect(policy, sender, facts) : decideGroup(policy, chat.id);
};

const decideGroup = (policy: AccessPolicy, chatId: ChatId): AccessDecision => {
  const workspace = workspaceOf(policy, chatId);
  if (!workspace) return deny('unmapped-group', 'workspaces.*.telegram_chat_ids');
  if (policy.allowedGroups && !policy.allowedGroups.has(workspace.name.toLowerCase()))
    return deny('group-not-allowed', 'TELEGRAM_ALLOWED_GROUPS');
  return allow('workspace-group', `workspaces.${workspace.name}.telegram_chat_ids`);
};

const decideDirect = (policy: AccessPolicy, sender: Sender, facts: AccessFacts): AccessDecision => {
  const { userIds, usernames } = policy.whitelist;
  const byId = userIds.get(sender.id);
  if (byId) return allow('whitelisted-user-id', byId.path);
  if (sender.kind === 'person' && policy.whitelist.pairing && (facts.isPaired ?? policy.whitelist.pairing.has(sender.id)))
    return allow('paired', pairedPath(sender.id));
  const name = usernameOf(sender);
  const listed = name === undefined ? undefined : usernames.get(name);
  if (!listed) return deny('not-whitelisted', 'dm_whitelist');
  if (facts.pinnedUserId !== undefined && facts.pinnedUserId !== sender.id) return deny('username-pinned-elsewhere', listed.path);
  return allow('whitelisted-username', listed.path);
};

/** Where it says that somebody was let in, and how to take it back. */
const pairedPath = (id: UserId): string => `(kept pairing revoke ${id})`;

/** Whether a denied sender may be offered to the owners: a person who writes in private, and whom nothing names. */
export const mayBePaired = ({ whitelist }: AccessPolicy, { chat, sender }: Speaker, { allowed, rule }: AccessDecision): boolean =>
  whitelist.pairing !== undefined &&
  !allowed &&
  rule === 'not-whitelisted' &&
  chat.kind === 'direct' &&
  sender.kind === 'person' &&
  !isLocalChat(chat.id);

/** Who speaks, and where, as scopes are decided by it. */
export const originOf = ({ chat, sender }: Speaker): Origin => ({
  chatId: chat.id,
  chatKind: chat.kind,
  senderId: sender.id,
  ...present({ username: sender.username }),
});

/** The same for a promise or a schedule: who asked for it, and where. */
export const originOfTask = ({ chatId, chatKind, requestedBy }: Pick<TaskTerms, 'chatId' | 'chatKind' | 'requestedBy'>): Origin => ({
  chatId,
  chatKind,
  senderId: requestedBy.id,
  ...present({ username: requestedBy.username }),
});

/**
 * Whether somebody who was once allowed in a chat still is: configuration may have changed since a promise was made.
 */
export const accessOf = (policy: AccessPolicy, { chatId, chatKind, senderId, username }: Origin): AccessDecision =>
  decideAccess(policy, {
    chat: { id: chatId, kind: chatKind },
    sender: { id: senderId, kind: isLocalChat(chatId) ? 'operator' : 'person', ...present({ username }) },
  });
