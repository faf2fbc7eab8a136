import type { Config } from '../../config/index.ts';
import {
  type AccessPolicy,
  type Chat,
  type ChatId,
  gatewayOf,
  type Holder,
  type IncomingMessage,
  LISTED_RIGHTS,
  type ListedRight,
  messageIdOf,
  type Origin,
  ownersOf,
  RIGHT_WORDS,
  type RightsIn,
  type RightVerdict,
  rightsIn,
  type UserId,
} from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import { scopeOf, workspaceOf } from '../../domain/workspace/policy.ts';
import { type Answerer, type SimulatedTool, toolsInWords, withAnswerers } from './access-answerer.ts';
import { type NamedChat, type NamedPerson, ownChatOf } from './access-subject.ts';

/** What somebody may do in one place. */
export interface PlaceListed extends RightsIn {
  /** The workspace, else the chat; `own` is their own conversation. */
  readonly place: string;
  readonly kind: Chat['kind'];
  readonly chatIds: readonly ChatId[];
  /** Where their work is held to. Absent where nobody is let in. */
  readonly directory?: string;
  /** Who answers them there, and with which tools. Absent where nobody is let in. */
  readonly agent?: string;
  readonly tools?: readonly SimulatedTool[];
}

/** What `kept access <person>` tells. */
export interface PersonListed extends RightVerdict {
  readonly person: { readonly id?: UserId; readonly name?: string; readonly username?: string };
  /** By right: whether somewhere, with the rule of the first place that allows it. */
  readonly rights: RightsIn['rights'];
  readonly places: readonly PlaceListed[];
}

/** What `kept access <chat>` tells: of whoever has no role there, and of those who have one. */
export interface ChatListed extends RightVerdict {
  readonly chat: { readonly id?: ChatId; readonly kind: Chat['kind']; readonly workspace?: string };
  readonly rights: RightsIn['rights'];
  readonly people: readonly (RightsIn & { readonly id: UserId; readonly name?: string })[];
  /** Who approves there, beside the operator. */
  readonly owners: readonly Holder[];
}

/** Everything that a person may do: in one chat, or in every place that there is for them. */
export const listPerson = (
  policy: AccessPolicy,
  person: NamedPerson,
  only?: NamedChat,
  answerers: ReadonlyMap<ChatId, Pick<Answerer, 'agent' | 'tools'>> = new Map(),
): PersonListed => {
  const places = (only ? [only] : placesOf(policy, person)).map((place): PlaceListed => {
    const listed = listPlace(policy, person, place);
    const { agent, tools } = (listed.allowed && place.chat && answerers.get(place.chat.id)) || {};
    return { ...listed, ...present({ agent, tools }) };
  });
  const first = places.find(({ allowed }) => allowed) ?? (places[0] as PlaceListed);
  const { allowed, rule, path } = first;
  const best = (right: ListedRight): RightVerdict =>
    places.map(({ rights }) => rights[right]).find((verdict) => verdict.allowed) ?? first.rights[right];
  const rights = Object.fromEntries(LISTED_RIGHTS.map((right) => [right, best(right)])) as RightsIn['rights'];
  const { sender, name, hasId } = person;
  return { allowed, rule, path, rights, person: present({ id: hasId ? sender.id : undefined, name, username: sender.username }), places };
};

/** Who answers a person in each of their places, and with what. */
export const answerersFor = (config: Config, person: NamedPerson, only?: NamedChat): Promise<ReadonlyMap<ChatId, Answerer>> =>
  withAnswerers(config, async (answererOf) => {
    const found = new Map<ChatId, Answerer>();
    for (const { chat } of only ? [only] : placesOf(config.policy, person))
      if (chat) found.set(chat.id, await answererOf(messageOf(person, chat)));
    return found;
  });

/** Their own conversation, and a group of each workspace of their gateway. */
const placesOf = ({ workspaces }: AccessPolicy, person: NamedPerson): readonly NamedChat[] => {
  const own: NamedChat = { type: 'chat', chat: ownChatOf(person) };
  if (person.sender.kind === 'operator') return [own];
  const groups = workspaces.map((workspace): NamedChat => {
    const chat = workspace.chatIds.find((id) => gatewayOf(id) === gatewayOf(person.sender.id));
    return { type: 'chat', workspace, ...present({ chat: chat === undefined ? undefined : { id: chat, kind: 'group' as const } }) };
  });
  return [own, ...groups];
};

const listPlace = (policy: AccessPolicy, person: NamedPerson, { chat, workspace }: NamedChat): PlaceListed => {
  const { sender, hasId } = person;
  const isOwn = chat?.id === ownChatOf(person).id;
  const place = workspace?.name ?? (isOwn ? 'own' : (chat?.id ?? ''));
  if (!chat) return { ...noGroup(workspace?.name ?? ''), place, kind: 'group', chatIds: [] };
  const origin: Origin = { chatId: chat.id, chatKind: chat.kind, senderId: sender.id, ...present({ username: sender.username }) };
  const listed = rightsIn(policy, origin, { senderKind: sender.kind });
  const { directory } = scopeOf(policy, origin);
  return {
    place,
    kind: chat.kind,
    chatIds: isOwn && !hasId ? [] : workspace && workspaceOf(policy, chat.id) === workspace ? workspace.chatIds : [chat.id],
    ...listed,
    ...(listed.allowed ? { directory } : {}),
  };
};

/** A workspace without a group: nobody can write there. */
const noGroup = (name: string): RightsIn => {
  const verdict: RightVerdict = { allowed: false, rule: 'unmapped-group', path: `workspaces.${name}.telegram_chat_ids` };
  return { ...verdict, rights: Object.fromEntries(LISTED_RIGHTS.map((right) => [right, verdict])) as RightsIn['rights'] };
};

/** What whoever writes in a chat may do there, and each person whom the configuration names. */
export const listChat = (policy: AccessPolicy, { chat, workspace }: NamedChat): ChatListed => {
  const about = { kind: chat?.kind ?? 'group', ...present({ id: chat?.id, workspace: workspace?.name }) } as const;
  if (!chat) return { ...noGroup(workspace?.name ?? ''), chat: about, people: [], owners: [] };
  const { role: _, ...anybody } = rightsIn(policy, { chatId: chat.id, chatKind: chat.kind, senderId: anybodyIn(chat) });
  const named = [...(workspace?.roles?.keys() ?? []), ...(policy.people?.keys() ?? [])];
  const people = [...new Set(named)]
    .filter((id) => anybody.allowed && gatewayOf(id) === gatewayOf(chat.id) && (chat.kind === 'group' || isOf(chat, id)))
    .map((id) => ({
      id,
      ...present({ name: policy.people?.get(id)?.name }),
      ...rightsIn(policy, { chatId: chat.id, chatKind: chat.kind, senderId: id }),
    }));
  const owners = anybody.allowed ? ownersOf(policy, { chatId: chat.id, chatKind: chat.kind }) : [];
  return { ...anybody, chat: about, people, owners };
};

/** A message of theirs there. */
export const messageOf = ({ sender }: NamedPerson, chat: Chat, text = ''): IncomingMessage => ({
  chat,
  messageId: messageIdOf(gatewayOf(chat.id), 1),
  sender,
  text,
  sentAt: 0,
});

/** In a direct conversation, its person; in a group, somebody whom nothing names. */
const anybodyIn = ({ id, kind }: Chat): UserId => (kind === 'direct' ? id.split(':', 2).join(':') : `${gatewayOf(id)}:anybody`) as UserId;

const isOf = (chat: Chat, person: UserId): boolean => anybodyIn(chat) === person;

export const personInWords = (listed: PersonListed): string => {
  const { id, name, username } = listed.person;
  const called = [name, username === undefined ? undefined : `@${username}`].filter((each) => each !== undefined).join(', ');
  const title = [called, id].filter((each) => each !== undefined && each !== '').join(' ');
  return [
    title,
    ...listed.places.flatMap((place) => ['', ...placeInWords(place)]),
    ...(id === undefined ? ['', `Roles go by id, and that of @${username} is not known here: name the id to see what roles give.`] : []),
  ].join('\n');
};

export const chatInWords = (listed: ChatListed): string => {
  const { id, kind, workspace } = listed.chat;
  const what = kind === 'group' ? 'a group' : 'a direct conversation';
  return [
    `${[id, workspace === undefined ? what : `${what} of the workspace ${workspace}`].filter((each) => each !== undefined).join(', ')}`,
    '',
    ...verdictInWords('Whoever writes here', listed),
    ...rightsInWords(listed),
    ...(listed.allowed && kind === 'group' ? [`  approvals  ${approversInWords(listed)}`] : []),
    ...listed.people.flatMap((person) => [
      '',
      `${person.name ? `${person.name} ` : ''}${person.id}, ${person.role ?? 'without a role'} ${inBrackets(person.rights.spend.path)}`,
      ...rightsInWords(person),
    ]),
  ].join('\n');
};

const approversInWords = ({ owners, rights }: ChatListed): string =>
  owners.length === 0
    ? `by the operator alone, as there is no owner ${inBrackets(rights.spend.path)}`
    : `by ${owners.map(({ id, name }) => name ?? id).join(', ')}, and the operator`;

const placeInWords = (place: PlaceListed): readonly string[] => {
  const ids = place.chatIds.length === 0 ? (place.kind === 'group' ? ' (no group)' : '') : ` (${place.chatIds.join(', ')})`;
  const where = `In ${place.place === 'own' ? 'their own conversation' : place.place}${ids}`;
  const { role, directory, rights, agent, tools = [] } = place;
  return [
    ...verdictInWords(where, place),
    ...(place.allowed
      ? [`  role       ${role ?? 'none, so as a member'} ${inBrackets(rights.spend.path)}`, `  directory  ${directory}`]
      : []),
    ...(agent === undefined ? [] : [`  agent      ${agent}`]),
    ...(agent === undefined ? [] : toolsInWords(tools)).map((line, i) => `  ${(i === 0 ? 'tools' : '').padEnd(11)}${line}`),
    ...rightsInWords(place),
  ];
};

const verdictInWords = (subject: string, { allowed, rule, path }: RightVerdict): readonly string[] => [
  `${subject}: ${allowed ? 'heard' : 'not heard'}, by rule ${rule} ${inBrackets(path)}`,
];

export const inBrackets = (path: string): string => (path.startsWith('(') ? path : `(${path})`);

/** What is allowed in one line; what is not, by the rules that forbid it. */
export const rightsInWords = ({ allowed, rights }: Pick<RightsIn, 'allowed' | 'rights'>): readonly string[] => {
  const mays = LISTED_RIGHTS.filter((right) => rights[right].allowed && !rights[right].needsApproval).map((right) => RIGHT_WORDS[right]);
  if (!allowed) return ['  may        nothing'];
  const denied = LISTED_RIGHTS.filter((right) => !rights[right].allowed);
  const asked = LISTED_RIGHTS.filter((right) => rights[right].allowed && rights[right].needsApproval);
  const because = (listed: readonly ListedRight[]) => Map.groupBy(listed, (right) => `${rights[right].rule}, ${rights[right].path}`);
  const named = (listed: readonly ListedRight[]): string => listed.map((right) => RIGHT_WORDS[right]).join(', ');
  return [
    `  may        ${mays.join(', ')}`,
    ...[...because(asked)].map(([why, listed]) => `             after an approval: ${named(listed)} (${why})`),
    ...[...because(denied)].map(([why, listed]) => `  may not    ${named(listed)} (${why})`),
  ];
};
