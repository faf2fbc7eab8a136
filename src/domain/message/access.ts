import { type ChatId, isLocalChat, type MessageId, type UserId } from '../chat/ids.ts';
import { present } from '../shared/present.ts';
import { normaliseUsername } from '../whitelist/whitelist.ts';
import type { AccessPolicy } from '../workspace/policy.ts';
import type { IncomingMessage } from './message.ts';

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
  | 'own-message'
  | 'telegram-service'
  | 'anonymous-sender'
  | 'unmapped-group'
  | 'group-not-allowed'
  | 'username-pinned-elsewhere'
  | 'not-whitelisted';

/** Telegram's service account: login codes and notices (https://core.telegram.org/api/service-messages). */
const TELEGRAM_SERVICE = 777_000;

export interface AccessFacts {
  /** The id that this sender's username was first seen with, when it was seen before. */
  readonly pinnedUserId?: UserId;
  /** Whether this very message is our outstanding self-ping. */
  readonly isOutstandingPing?: boolean;
}

const allow = (rule: AccessRule, path: string): AccessDecision => ({ allowed: true, rule, path });
const deny = (rule: AccessRule, path: string): AccessDecision => ({ allowed: false, rule, path });

/** The one access decision, for every entrance: rules 1, 3 and 4 of the message rules. */
export const decideAccess = (policy: AccessPolicy, message: IncomingMessage, facts: AccessFacts = {}): AccessDecision => {
  const { sender } = message;
  if (sender.kind === 'self') return facts.isOutstandingPing ? allow('self-ping', '(self-ping)') : deny('own-message', '(own message)');
  if (sender.id === TELEGRAM_SERVICE || message.chatId === TELEGRAM_SERVICE) return deny('telegram-service', '(built in)');
  if (sender.kind === 'anonymous') return deny('anonymous-sender', '(built in)');
  if (isLocalChat(message.chatId))
    return sender.kind === 'operator' ? allow('local-operator', '(local chat)') : deny('not-whitelisted', '(local chat)');
  return message.chatKind === 'group' ? decideGroup(policy, message) : decideDirect(policy, message, facts);
};

const decideGroup = (policy: AccessPolicy, message: IncomingMessage): AccessDecision => {
  const workspace = policy.workspaces.find(({ chatIds }) => chatIds.includes(message.chatId));
  if (!workspace) return deny('unmapped-group', 'workspaces.*.telegram_chat_ids');
  if (policy.allowedGroups && !policy.allowedGroups.has(workspace.name.toLowerCase()))
    return deny('group-not-allowed', 'TELEGRAM_ALLOWED_GROUPS');
  return allow('workspace-group', `workspaces.${workspace.name}.telegram_chat_ids`);
};

const decideDirect = (policy: AccessPolicy, { sender }: IncomingMessage, facts: AccessFacts): AccessDecision => {
  const { userIds, usernames } = policy.whitelist;
  if (userIds.has(sender.id)) return allow('whitelisted-user-id', `dm_whitelist.allowed_user_ids.${sender.id}`);
  const listed = sender.username === undefined ? undefined : usernames.get(normaliseUsername(sender.username));
  if (!listed) return deny('not-whitelisted', 'dm_whitelist');
  if (facts.pinnedUserId !== undefined && facts.pinnedUserId !== sender.id) return deny('username-pinned-elsewhere', listed.path);
  return allow('whitelisted-username', listed.path);
};

/**
 * Whether somebody who was once allowed in a chat still is: configuration may have changed since a promise was made.
 */
export const accessOf = (
  policy: AccessPolicy,
  where: { readonly chatId: ChatId; readonly senderId: UserId; readonly username?: string },
): AccessDecision =>
  decideAccess(policy, {
    chatId: where.chatId,
    messageId: 1 as MessageId,
    chatKind: where.chatId < 0 ? 'group' : 'direct',
    sender: {
      id: where.senderId,
      kind: isLocalChat(where.chatId) ? 'operator' : 'person',
      ...present({ username: where.username }),
    },
    text: '',
    sentAt: 0,
  });
