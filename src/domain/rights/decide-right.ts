import { gatewayOf, isLocalChat, roomOf, type UserId } from '../chat/ids.ts';
import { codingRefusal } from '../coding/coding-task.ts';
import { type AccessDecision, type AccessFacts, decideAccess, originOf } from '../message/access.ts';
import type { IncomingMessage, Sender } from '../message/message.ts';
import { present } from '../shared/present.ts';
import { type AccessPolicy, type Origin, workspaceOf } from '../workspace/policy.ts';
import type { RightDecision, RightRule } from './right-decision.ts';
import type { Action, Role } from './rights.ts';

/** What an action is about. What is not said is not known, and then nothing is allowed by it. */
export interface RightAbout extends Pick<AccessFacts, 'pinnedUserId'> {
  /** Who asked for what is to be approved. */
  readonly requestedBy?: UserId;
  readonly tool?: { readonly name: string; readonly effect: 'reads' | 'decides' | 'acts' };
  /** What the sender is. Absent: a person; in a local chat, the operator. */
  readonly senderKind?: Sender['kind'];
}

/** Somebody in a place, or the operator of this installation: command line, page and HTTP API. */
export type Actor = Origin | 'operator';

type Said = Pick<IncomingMessage, 'chat' | 'sender'>;

/** Whether who says `/stop` may end whatever anybody asked for there. */
export const mayStopAll = (policy: AccessPolicy, { chat, sender }: Said): boolean =>
  decideRight(policy, originOf({ chat, sender }), 'cancel-others', { senderKind: sender.kind }).allowed;

/** Whether who says `/stop` may end what that person asked for: everybody who is heard may end what is their own. */
export const mayStop = (policy: AccessPolicy, said: Said, askedBy: UserId): boolean =>
  said.sender.id === askedBy || mayStopAll(policy, said);

/** A role that somebody has somewhere, by configuration. Without a `role`, it gives them none. */
export interface HeldRole {
  readonly role?: Role;
  /** Where it stands; without a role, where one could be given. */
  readonly path: string;
}

/** The one decision over what somebody may do, at every door. Nothing that is said can change it. */
export const decideRight = (policy: AccessPolicy, actor: Actor, action: Action, about: RightAbout = {}): RightDecision => {
  const decided = (allowed: boolean, rule: RightRule, path: string): RightDecision => ({ action, allowed, rule, path });
  if (actor === 'operator') return decided(true, 'operator', AT_THIS_MACHINE);
  const access = accessAs(policy, actor, about);
  if (!access.allowed) return decided(false, access.rule, access.path);
  if (access.rule === 'local-operator') return decided(true, 'operator', access.path);
  if (about.senderKind !== undefined && about.senderKind !== 'person') return decided(false, 'not-a-person', BUILT_IN);
  if (isOthersChat(policy, actor)) return decided(false, 'others-chat', BUILT_IN);
  const { role, path } = roleOf(policy, actor);
  const byRole = (allowed: boolean): RightDecision => decided(allowed, role ?? 'no-role', path);
  /** Outside of dev groups people are asked; a group that is no workspace's has nobody who could be. */
  const elsewhere = (workspace: string | undefined): RightDecision =>
    workspace === undefined
      ? decided(false, 'not-a-dev-group', 'workspaces.*')
      : { ...decided(true, 'not-a-dev-group', `workspaces.${workspace}.is_dev_group`), needsApproval: true };
  switch (action) {
    case 'ask':
    case 'use-agent':
    case 'cancel-own':
    case 'retry-own':
    case 'spend':
      return byRole(true);
    case 'use-tool':
      return byRole(role !== 'guest' || about.tool === undefined || isForGuests(about.tool, actor));
    case 'start-coding': {
      if (role === 'guest') return byRole(false);
      const workspace = workspaceOf(policy, actor.chatId)?.name;
      return codingRefusal(policy, { chatKind: actor.chatKind, scope: present({ workspace }) }) === undefined
        ? byRole(true)
        : elsewhere(workspace);
    }
    case 'cancel-others':
    case 'retry-others':
    case 'see-usage':
      return byRole(role !== 'guest');
    case 'begin-anew':
      return byRole(role !== 'guest' || actor.chatKind === 'direct');
    case 'approve':
      return role === undefined && isOwnRequest(actor, about) ? decided(true, 'own-request', access.path) : byRole(role === 'owner');
    case 'approve-standing':
      return byRole(role === 'owner');
  }
};

/**
 * The role of a person in a place. In a group, that of its workspace comes first; what it is worth, `decideRight` says.
 */
export const roleOf = (
  policy: Pick<AccessPolicy, 'workspaces' | 'people'>,
  { chatId, senderId }: Pick<Origin, 'chatId' | 'senderId'>,
): HeldRole => {
  const workspace = workspaceOf(policy, chatId);
  const here = workspace?.roles?.get(senderId);
  if (here) return here;
  const person = policy.people?.get(senderId);
  if (person?.role !== undefined) return { role: person.role, path: `${person.path}.role` };
  return { path: workspace === undefined ? 'people' : `workspaces.${workspace.name}.roles` };
};

/** A person who has a right somewhere, and where the configuration says so. */
export interface Holder {
  readonly id: UserId;
  /** Absent: `people` does not name them. */
  readonly name?: string;
  readonly path: string;
}

/** Who owns a group, in the order of the configuration. Nobody: only the operator does what owners may. */
export const ownersOf = (policy: AccessPolicy, { chatId, chatKind }: Pick<Origin, 'chatId' | 'chatKind'>): readonly Holder[] => {
  const named = [...(workspaceOf(policy, chatId)?.roles?.keys() ?? []), ...(policy.people?.keys() ?? [])];
  return [...new Set(named)].flatMap((id): readonly Holder[] => {
    const { role, path } = roleOf(policy, { chatId, senderId: id });
    const isThere = gatewayOf(id) === gatewayOf(chatId) && decideRight(policy, { chatId, chatKind, senderId: id }, 'approve').allowed;
    const name = policy.people?.get(id)?.name;
    return role === 'owner' && isThere ? [{ id, ...present({ name: name === '' ? undefined : name }), path }] : [];
  });
};

const AT_THIS_MACHINE = '(this machine)';
const BUILT_IN = '(built in)';

/** Tools that decide something, and that guests have everywhere: they reach only the guest's own promises. */
const OWN_PROMISES: readonly string[] = ['make_promise', 'cancel_promise', 'schedule_promise', 'cancel_schedule'];
/** What these remember belongs to the workspace in a group, and to the person alone in a direct conversation. */
const MEMORY: readonly string[] = ['remember', 'forget', 'save_link'];

const isForGuests = ({ name, effect }: NonNullable<RightAbout['tool']>, { chatKind }: Origin): boolean => {
  if (effect !== 'decides') return effect === 'reads';
  return OWN_PROMISES.includes(name) || (chatKind === 'direct' && MEMORY.includes(name));
};

/** Whether somebody is let in at all: what a message of theirs would meet. */
export const accessAs = (policy: AccessPolicy, { chatId, chatKind, senderId, username }: Origin, about: RightAbout): AccessDecision =>
  decideAccess(
    policy,
    {
      chat: { id: chatId, kind: chatKind },
      sender: { id: senderId, kind: about.senderKind ?? (isLocalChat(chatId) ? 'operator' : 'person'), ...present({ username }) },
    },
    present({ pinnedUserId: about.pinnedUserId }),
  );

/**
 * Whether it is the direct conversation with another person whom the configuration names. Where the platform gives the
 * chat the person's own id, nobody else ever writes there.
 */
const isOthersChat = ({ people, whitelist }: AccessPolicy, { chatId, chatKind, senderId }: Origin): boolean => {
  const its = roomOf(chatId) as string as UserId;
  return chatKind === 'direct' && its !== senderId && (whitelist.userIds.has(its) || people?.has(its) === true);
};

const isOwnRequest = ({ chatKind, senderId }: Origin, { requestedBy }: RightAbout): boolean =>
  chatKind === 'direct' && requestedBy === senderId;
