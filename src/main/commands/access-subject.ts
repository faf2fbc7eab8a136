import { TELEGRAM } from '../../config/platform.ts';
import {
  type AccessPolicy,
  type Chat,
  type ChatId,
  chatId,
  chatIdOf,
  describe,
  err,
  gatewayOf,
  InvalidValueError,
  isLocalChat,
  nativeId,
  OPERATOR_ID,
  ok,
  type Refusal,
  type Result,
  roomOf,
  type Sender,
  threadOf,
  type UserId,
  userId,
  userIdOf,
  type Workspace,
} from '../../domain/index.ts';
import { nearestName } from '../../domain/shared/nearest-name.ts';
import { present } from '../../domain/shared/present.ts';
import { workspaceOf } from '../../domain/workspace/policy.ts';

/** A person whom the command line names. */
export interface NamedPerson {
  readonly type: 'person';
  readonly sender: Sender;
  /** As `people` calls them. */
  readonly name?: string;
  /** Whether the id is known: roles go by it. */
  readonly hasId: boolean;
}

/** A chat that the command line names; a workspace without groups has none. */
export interface NamedChat {
  readonly type: 'chat';
  readonly chat?: Chat;
  readonly workspace?: Workspace;
}

type Found<T> = Result<T, Refusal<'access/unknown' | 'access/ambiguous'>>;

/**
 * A person by id (bare ids are Telegram's), `@username`, or the name that `people` gives; `operator` is the person at
 * this machine.
 */
export const personNamed = (policy: AccessPolicy, raw: string): Found<NamedPerson> => {
  const written = raw.trim();
  if (written === 'operator' || written === OPERATOR_ID)
    return ok({ type: 'person', sender: { id: OPERATOR_ID, kind: 'operator' }, hasId: true });
  if (written.startsWith('@')) return byUsername(policy, written);
  const id = idOf(written);
  if (id !== undefined) return ok(withName(policy, id));
  const named = [...(policy.people ?? [])].filter(([, { name }]) => sameName(name, written)).map(([each]) => each);
  const [first, ...more] = named;
  if (first === undefined) return unknown(policy, written, 'person');
  return more.length === 0 ? ok(withName(policy, first)) : ambiguous(`${written} is the name of ${named.join(' and ')}: name the id`);
};

/** A chat by id (bare ids of groups are Telegram's), or a workspace by name or alias. */
export const chatNamed = (policy: AccessPolicy, raw: string): Found<NamedChat> => {
  const written = raw.trim();
  if (/^\d+$/.test(written)) return ambiguous(`${written} may be local:${written} or ${TELEGRAM}:${written}: write which`);
  const id = parsed(chatId, /^-\d+$/.test(written) ? `${TELEGRAM}:${written}` : written);
  if (id !== undefined) return ok(placeOf(policy, id));
  const workspace = workspaceNamed(policy, written);
  if (!workspace) return unknown(policy, written, 'chat');
  const [chat] = workspace.chatIds;
  return ok({ type: 'chat', workspace, ...present({ chat: chat === undefined ? undefined : { id: chat, kind: 'group' as const } }) });
};

/** Whichever of the two it is. */
export const subjectNamed = (policy: AccessPolicy, raw: string): Found<NamedPerson | NamedChat> => {
  const written = raw.trim();
  const person = personNamed(policy, written);
  if (isChatId(policy, written)) return chatNamed(policy, written);
  const workspace = workspaceNamed(policy, written);
  if (!workspace) return person.ok || person.error.code === 'access/ambiguous' ? person : unknown(policy, written, 'person or chat');
  if (person.ok) return ambiguous(`${describe(written)} is the name of a person and of a workspace: name the id of the one that is meant`);
  return chatNamed(policy, written);
};

/** The direct conversation with a person, where the platform gives it the person's own id. */
export const ownChatOf = ({ sender }: NamedPerson): Chat =>
  sender.kind === 'operator'
    ? { id: chatId('local:1'), kind: 'direct' }
    : { id: chatIdOf(gatewayOf(sender.id), nativeId(sender.id)), kind: 'direct' };

const placeOf = (policy: AccessPolicy, id: ChatId): NamedChat => {
  const workspace = workspaceOf(policy, id);
  const isGroup = workspace !== undefined || (!isLocalChat(id) && nativeId(roomOf(id)).startsWith('-'));
  return { type: 'chat', chat: { id, kind: isGroup ? 'group' : 'direct' }, ...present({ workspace }) };
};

/** Ids of groups are negative on Telegram; threads, local chats and the groups of workspaces are known everywhere. */
const isChatId = (policy: AccessPolicy, written: string): boolean => {
  if (/^-\d+$/.test(written)) return true;
  const id = parsed(chatId, written);
  if (id === undefined) return false;
  if (written === OPERATOR_ID) return false;
  return threadOf(id) !== undefined || isLocalChat(id) || nativeId(id).startsWith('-') || workspaceOf(policy, id) !== undefined;
};

const idOf = (written: string): UserId | undefined => {
  if (/^[1-9]\d*$/.test(written)) return userIdOf(TELEGRAM, written);
  return written.includes(':') ? parsed(userId, written) : undefined;
};

const withName = ({ people }: AccessPolicy, id: UserId): NamedPerson => ({
  type: 'person',
  sender: { id, kind: 'person' },
  hasId: true,
  ...present({ name: people?.get(id)?.name }),
});

const byUsername = (policy: AccessPolicy, written: string): Found<NamedPerson> => {
  const username = written.slice(1);
  const key = `${TELEGRAM}:${username.toLowerCase()}`;
  if (!policy.whitelist.usernames.has(key)) return unknown(policy, written, 'person');
  return ok({ type: 'person', sender: { id: userIdOf(TELEGRAM, written), kind: 'person', username }, hasId: false });
};

const workspaceNamed = ({ workspaces }: AccessPolicy, written: string): Workspace | undefined =>
  workspaces.find(({ name }) => name === written) ??
  workspaces.find(({ name, aliases }) => [name, ...aliases].some((known) => sameName(known, written)));

const sameName = (left: string, right: string): boolean => left !== '' && left.toLowerCase() === right.toLowerCase();

const ambiguous = (message: string): Found<never> => err({ code: 'access/ambiguous', message });

const unknown = (policy: AccessPolicy, written: string, what: 'person' | 'chat' | 'person or chat'): Found<never> => {
  const people = [
    ...[...(policy.people?.values() ?? [])].map(({ name }) => name),
    ...[...policy.whitelist.usernames.keys()].map((key) => `@${key.slice(key.indexOf(':') + 1)}`),
  ];
  const chats = policy.workspaces.flatMap(({ name, aliases }) => [name, ...aliases]);
  const names = what === 'chat' ? chats : what === 'person' ? people : [...people, ...chats];
  const near = nearestName(written, names);
  const forms = [
    ...(what === 'chat' ? [] : ['telegram:<id>, @username or a name from "people"']),
    ...(what === 'person' ? [] : ['a workspace, or a chat as telegram:-<id>']),
  ].join('; ');
  const hint = near === undefined ? `write ${forms}` : `did you mean ${describe(near)}?`;
  return err({ code: 'access/unknown', message: `no ${what} is called ${describe(written)}: ${hint}` });
};

const parsed = <T>(parse: (raw: string) => T, raw: string): T | undefined => {
  try {
    return parse(raw);
  } catch (error) {
    if (error instanceof InvalidValueError) return undefined;
    throw error;
  }
};
