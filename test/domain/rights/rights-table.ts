import { type ChatId, type ChatKind, chatId, type Sender, type UserId, userId } from '../../../src/domain/index.ts';
import type { Actor, RightAbout } from '../../../src/domain/rights/decide-right.ts';
import type { Action } from '../../../src/domain/rights/rights.ts';
import { loadFile, policyOf, workspace } from '../../config/workspace-file.ts';

/**
 * Who may do what, written by hand from `docs/how-to/who-may-do-what.md`: no line of it is computed by what it checks.
 */
export const policy = policyOf(
  loadFile(
    {
      people: {
        'telegram:501': { name: 'Anna', role: 'owner' },
        'telegram:503': { name: 'Cleo', role: 'member' },
        'telegram:505': { name: 'Eve', role: 'guest' },
      },
      workspaces: {
        Orchard: workspace({ telegram_chat_ids: ['-1001'], roles: { 502: 'owner', 'telegram:503': 'member' } }),
        Mill: workspace({ telegram_chat_ids: ['-1002'], is_dev_group: true }),
        Quarry: workspace({ telegram_chat_ids: ['-1003'], roles: { 501: 'guest', 502: 'guest', 505: 'owner' } }),
        Closed: workspace({ telegram_chat_ids: ['-1004'], roles: { 502: 'owner' } }),
      },
      dm_whitelist: { allowed_user_ids: { 501: {}, 502: {}, 503: {}, 504: {}, 505: {} } },
    },
    { TELEGRAM_ALLOWED_GROUPS: 'Orchard,Mill,Quarry' },
  ),
);

export interface Person {
  readonly id: UserId;
  readonly kind: Sender['kind'];
}
const person = (id: string, kind: Sender['kind'] = 'person'): Person => ({ id: userId(id), kind });
export const PERSONS = {
  operator: person('local:operator', 'operator'),
  'owner by people': person('telegram:501'),
  'owner by roles': person('telegram:502'),
  'named member': person('telegram:503'),
  'unnamed member': person('telegram:504'),
  guest: person('telegram:505'),
  stranger: person('telegram:506'),
  bot: person('telegram:507', 'bot'),
  anonymous: person('telegram:-1001', 'anonymous'),
  service: person('telegram:777000', 'service'),
  self: person('telegram:600', 'self'),
} as const satisfies Readonly<Record<string, Person>>;
export type PersonName = keyof typeof PERSONS;

export interface Place {
  readonly id: ChatId;
  readonly kind: ChatKind;
}
export const PLACES = ['group', 'thread', 'dev', 'other', 'closed', 'unmapped', 'own', "other's", 'local'] as const;
export type PlaceName = (typeof PLACES)[number];
const PLACE_IDS: Readonly<Record<Exclude<PlaceName, 'own' | "other's">, string>> = {
  group: 'telegram:-1001',
  thread: 'telegram:-1001:7',
  dev: 'telegram:-1002',
  other: 'telegram:-1003',
  closed: 'telegram:-1004',
  unmapped: 'telegram:-1009',
  local: 'local:1',
};
export const placeOf = (place: PlaceName, { id }: Person): Place => {
  if (place === 'own') return { id: chatId(id), kind: 'direct' };
  if (place === "other's") return { id: chatId(id === 'telegram:504' ? 'telegram:501' : 'telegram:504'), kind: 'direct' };
  return { id: chatId(PLACE_IDS[place]), kind: place === 'local' ? 'direct' : 'group' };
};

/**
 * What each class of persons may do. `own` and `others`: who asked for the promise. Where code may be changed: below.
 */
const CLASSES: Readonly<Record<string, string>> = {
  everything:
    'ask agent reading deciding memory acting coding cancel-own cancel-others retry-own retry-others approve approve-own standing spend usage anew',
  owner:
    'ask agent reading deciding memory acting coding cancel-own cancel-others retry-own retry-others approve approve-own standing spend usage anew',
  member: 'ask agent reading deciding memory acting coding cancel-own cancel-others retry-own retry-others spend usage anew',
  alone: 'ask agent reading deciding memory acting coding cancel-own cancel-others retry-own retry-others approve-own spend usage anew',
  guest: 'ask agent reading deciding cancel-own retry-own spend',
  'guest alone': 'ask agent reading deciding memory cancel-own retry-own spend anew',
  nothing: '',
};

/** In a cell: the class, the rule, and the path. A cell of `nothing` says why they are not let in. */
type Cell = readonly [cls: keyof typeof CLASSES, rule: string, path: string];
const shut = (rule: string, path: string): Cell => ['nothing', rule, path];
const CLOSED = shut('group-not-allowed', 'TELEGRAM_ALLOWED_GROUPS');
const UNMAPPED = shut('unmapped-group', 'workspaces.*.telegram_chat_ids');
const LOCAL = shut('not-whitelisted', '(local chat)');
const OTHERS = shut('others-chat', '(built in)');
const none = (workspaceName: string): Cell => ['member', 'no-role', `workspaces.${workspaceName}.roles`];
const everywhere = (cell: Cell): Readonly<Record<PlaceName, Cell>> => ({
  group: cell,
  thread: cell,
  dev: cell,
  other: cell,
  closed: cell,
  unmapped: cell,
  own: cell,
  "other's": cell,
  local: cell,
});
const BOT = shut('not-a-person', '(built in)');
const STRANGE = shut('not-whitelisted', 'dm_whitelist');

export const TABLE: Readonly<Record<PersonName, Readonly<Record<PlaceName, Cell>>>> = {
  operator: { ...everywhere(['everything', 'operator', '(this machine)']), local: ['everything', 'operator', '(local chat)'] },
  'owner by people': {
    group: ['owner', 'owner', 'people.telegram:501.role'],
    thread: ['owner', 'owner', 'people.telegram:501.role'],
    dev: ['owner', 'owner', 'people.telegram:501.role'],
    other: ['guest', 'guest', 'workspaces.Quarry.roles.501'],
    closed: CLOSED,
    unmapped: UNMAPPED,
    own: ['owner', 'owner', 'people.telegram:501.role'],
    "other's": OTHERS,
    local: LOCAL,
  },
  'owner by roles': {
    group: ['owner', 'owner', 'workspaces.Orchard.roles.502'],
    thread: ['owner', 'owner', 'workspaces.Orchard.roles.502'],
    dev: none('Mill'),
    other: ['guest', 'guest', 'workspaces.Quarry.roles.502'],
    closed: CLOSED,
    unmapped: UNMAPPED,
    own: ['alone', 'no-role', 'people'],
    "other's": OTHERS,
    local: LOCAL,
  },
  'named member': {
    group: ['member', 'member', 'workspaces.Orchard.roles.telegram:503'],
    thread: ['member', 'member', 'workspaces.Orchard.roles.telegram:503'],
    dev: ['member', 'member', 'people.telegram:503.role'],
    other: ['member', 'member', 'people.telegram:503.role'],
    closed: CLOSED,
    unmapped: UNMAPPED,
    own: ['member', 'member', 'people.telegram:503.role'],
    "other's": OTHERS,
    local: LOCAL,
  },
  'unnamed member': {
    group: none('Orchard'),
    thread: none('Orchard'),
    dev: none('Mill'),
    other: none('Quarry'),
    closed: CLOSED,
    unmapped: UNMAPPED,
    own: ['alone', 'no-role', 'people'],
    "other's": OTHERS,
    local: LOCAL,
  },
  guest: {
    group: ['guest', 'guest', 'people.telegram:505.role'],
    thread: ['guest', 'guest', 'people.telegram:505.role'],
    dev: ['guest', 'guest', 'people.telegram:505.role'],
    other: ['owner', 'owner', 'workspaces.Quarry.roles.505'],
    closed: CLOSED,
    unmapped: UNMAPPED,
    own: ['guest alone', 'guest', 'people.telegram:505.role'],
    "other's": OTHERS,
    local: LOCAL,
  },
  stranger: {
    group: none('Orchard'),
    thread: none('Orchard'),
    dev: none('Mill'),
    other: none('Quarry'),
    closed: CLOSED,
    unmapped: UNMAPPED,
    own: STRANGE,
    "other's": STRANGE,
    local: LOCAL,
  },
  bot: { ...everywhere(BOT), closed: CLOSED, unmapped: UNMAPPED, own: STRANGE, "other's": STRANGE, local: LOCAL },
  anonymous: everywhere(shut('anonymous-sender', '(built in)')),
  service: everywhere(shut('service-account', '(built in)')),
  self: everywhere(shut('own-message', '(own message)')),
};

export interface Expected {
  readonly allowed: boolean;
  readonly rule: string;
  readonly path: string;
  readonly needsApproval?: true;
}

/** What each deed of the classes asks of `decideRight`. */
export const DEEDS: Readonly<Record<string, readonly [action: Action, about: RightAbout]>> = {
  ask: ['ask', {}],
  agent: ['use-agent', {}],
  reading: ['use-tool', { tool: { name: 'search_web', effect: 'reads' } }],
  deciding: ['use-tool', { tool: { name: 'make_promise', effect: 'decides' } }],
  memory: ['use-tool', { tool: { name: 'remember', effect: 'decides' } }],
  acting: ['use-tool', { tool: { name: 'mcp__tracker__close', effect: 'acts' } }],
  coding: ['start-coding', {}],
  'cancel-own': ['cancel-own', {}],
  'cancel-others': ['cancel-others', {}],
  'retry-own': ['retry-own', {}],
  'retry-others': ['retry-others', {}],
  approve: ['approve', { requestedBy: userId('telegram:999') }],
  'approve-own': ['approve', {}],
  standing: ['approve-standing', {}],
  spend: ['spend', {}],
  usage: ['see-usage', {}],
  anew: ['begin-anew', {}],
};

/** Where code is changed without an approval. */
const CODING: readonly PlaceName[] = ['dev', 'own'];
const NOT_DEV: Readonly<Partial<Record<PlaceName, string>>> = {
  group: 'workspaces.Orchard.is_dev_group',
  thread: 'workspaces.Orchard.is_dev_group',
  other: 'workspaces.Quarry.is_dev_group',
};

export const expectedOf = (name: PersonName, place: PlaceName, deed: string): Expected => {
  const [cls, rule, path] = TABLE[name][place];
  const allowed = (CLASSES[cls] ?? '').split(' ').includes(deed);
  if (deed === 'coding' && allowed && cls !== 'everything' && !CODING.includes(place))
    return { allowed: true, rule: 'not-a-dev-group', path: NOT_DEV[place] ?? '', needsApproval: true };
  if (deed === 'approve-own' && cls === 'alone')
    return { allowed: true, rule: 'own-request', path: `dm_whitelist.allowed_user_ids.${PERSONS[name].id.slice('telegram:'.length)}` };
  return { allowed, rule, path };
};

/** As `decideRight` is asked: the operator comes by the local chat, else by command line or HTTP. */
export const actorOf = (name: PersonName, place: PlaceName): Actor => {
  const who = PERSONS[name];
  if (name === 'operator' && place !== 'local') return 'operator';
  const { id, kind } = placeOf(place, who);
  return { chatId: id, chatKind: kind, senderId: who.id };
};

/** Each person in each place. */
export const CELLS = (Object.keys(PERSONS) as PersonName[]).flatMap((name) => PLACES.map((place) => ({ name, place })));
