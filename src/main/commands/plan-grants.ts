import { type BudgetLimit, limitsFor } from '../../application/index.ts';
import type { Config } from '../../config/index.ts';
import { TELEGRAM } from '../../config/platform.ts';
import { fitsName } from '../../domain/agent/tool-name.ts';
import {
  type AccessPolicy,
  type Budget,
  type ChatId,
  type ChatMove,
  gatewayOf,
  LISTED_RIGHTS,
  OPERATOR_ID,
  ownDatabase,
  promiseId,
  RIGHT_WORDS,
  rightsIn,
  type Sender,
  type UserId,
  userIdOf,
  type Workspace,
} from '../../domain/index.ts';
import { decideAccess, mayBePaired, originOf } from '../../domain/message/access.ts';
import { decideResponse } from '../../domain/message/response.ts';
import { roleOf } from '../../domain/rights/decide-right.ts';
import { compareGrants, type Difference, type Grant, type Grants } from '../../domain/rights/grants.ts';
import { present } from '../../domain/shared/present.ts';
import { movedPolicy, scopeOf } from '../../domain/workspace/policy.ts';
import { type Answerer, withAnswerers } from './access-answerer.ts';
import { messageOf } from './access-list.ts';
import { type NamedPerson, ownChatOf } from './access-subject.ts';

/** What somebody gains and loses in a place. */
export interface AccessChange extends Difference {
  /** A person, a workspace for whoever writes in its groups, `anybody` whom nothing names, or `installation`. */
  readonly subject: string;
  /** A workspace, `own` for a person's own conversation, or `everywhere`. */
  readonly place: string;
}

/** What is stored, and counts beside the configuration. */
export interface StoredAccess {
  readonly paired: ReadonlySet<UserId>;
  readonly moves: readonly ChatMove[];
}

interface Side {
  readonly policy: AccessPolicy;
  readonly answererOf: (message: ReturnType<typeof messageOf>) => Promise<Answerer>;
}

/**
 * Who gains and who loses what where one configuration takes the place of another: by asking what decides at run time,
 * once by each policy, of everybody whom either names, in every place that either knows. Nothing is run or stored.
 */
export const planAccess = (before: Config, after: Config, stored: StoredAccess): Promise<readonly AccessChange[]> => {
  const [old, next] = [withStored(before, stored), withStored(after, stored)];
  return withAnswerers(old, (ofOld) =>
    withAnswerers(next, async (ofNext) => {
      const sides = [
        { policy: old.policy, answererOf: ofOld },
        { policy: next.policy, answererOf: ofNext },
      ] as const;
      const changes = [...(await changesInGroups(sides, stored)), ...(await changesOfPersons(sides, stored)), ...changesOfBudgets(sides)];
      return together(changes).filter(({ gains, loses }) => gains.length + loses.length > 0);
    }),
  );
};

type Sides = readonly [before: Side, after: Side];

const withStored = (config: Config, { paired, moves }: StoredAccess): Config => {
  const { whitelist } = config.policy;
  const policy = { ...config.policy, whitelist: { ...whitelist, ...present({ pairing: whitelist.pairing && paired }) } };
  return { ...config, policy: movedPolicy(policy, moves) };
};

/** Of whoever writes in the groups of a workspace, and of those who have a role there. */
const changesInGroups = async (sides: Sides, { moves }: StoredAccess): Promise<readonly AccessChange[]> => {
  const home = (chat: ChatId): ChatId => moves.find(({ from }) => from === chat)?.to ?? chat;
  const changes: AccessChange[] = [];
  for (const place of namesOf(sides)) {
    const inPlace = async (side: Side, senderIn: (gateway: string) => NamedPerson | undefined): Promise<Grants> => {
      const groups = workspaceNamed(side.policy, place)?.chatIds ?? [];
      const asked = groups.flatMap((chat) => {
        const person = senderIn(gatewayOf(chat));
        return person ? [grantsIn(side, person, { id: chat, kind: 'group' }, { group: home(chat) })] : [];
      });
      return mostOf(await Promise.all(asked));
    };
    const compared = async (subject: string, senderIn: (gateway: string) => NamedPerson | undefined): Promise<void> => {
      changes.push({ subject, place, ...compare(await inPlace(sides[0], senderIn), await inPlace(sides[1], senderIn)) });
    };
    await compared(place, (gateway) => personWith(userIdOf(gateway, 'anybody')));
    for (const id of withRoleIn(sides, place)) await compared(id, (gateway) => (gateway === gatewayOf(id) ? personWith(id) : undefined));
  }
  return changes;
};

const namesOf = (sides: Sides): readonly string[] => [...new Set(sides.flatMap(({ policy }) => policy.workspaces.map(({ name }) => name)))];

const workspaceNamed = ({ workspaces }: AccessPolicy, named: string): Workspace | undefined =>
  workspaces.find(({ name }) => name === named);

/** Who is there what others are not, by either policy: everybody else is as whoever writes there. */
const withRoleIn = (sides: Sides, place: string): readonly UserId[] => {
  const named = sides.flatMap(({ policy }) => [...(workspaceNamed(policy, place)?.roles?.keys() ?? []), ...(policy.people?.keys() ?? [])]);
  return [...new Set(named)].filter((senderId) =>
    sides.some(({ policy }) =>
      workspaceNamed(policy, place)?.chatIds.some((chatId) => roleOf(policy, { chatId, senderId }).role !== undefined),
    ),
  );
};

/** In their own conversations; and whom nothing names, there. */
const changesOfPersons = async (sides: Sides, { paired }: StoredAccess): Promise<readonly AccessChange[]> => {
  const ids = sides.flatMap(({ policy: { people, whitelist } }) => [...whitelist.userIds.keys(), ...(people?.keys() ?? [])]);
  const usernames = new Set(sides.flatMap(({ policy }) => [...policy.whitelist.usernames.keys()]));
  const persons: readonly NamedPerson[] = [
    { type: 'person', sender: { id: OPERATOR_ID, kind: 'operator' }, hasId: true },
    ...[...new Set([...ids, ...paired])].map(personWith),
    ...[...usernames].map(personCalled),
  ];
  const changes: AccessChange[] = [];
  for (const person of persons) {
    const [before, after] = await Promise.all(sides.map((side) => grantsIn(side, person, ownChatOf(person))));
    changes.push({ subject: person.sender.id, place: OWN, ...compare(before ?? NONE, after ?? NONE) });
  }
  const offers = (policy: AccessPolicy): Grants => {
    const said = messageOf(STRANGER, ownChatOf(STRANGER));
    return new Map(mayBePaired(policy, said, decideAccess(policy, said)) ? [['pairing', OFFERED]] : []);
  };
  return [...changes, { subject: 'anybody', place: OWN, ...compare(offers(sides[0].policy), offers(sides[1].policy)) }];
};

const OWN = 'own';
const NONE: Grants = new Map();
const OFFERED: Grant = { kind: 'thing', name: 'being offered to the owners' };

const personWith = (id: UserId): NamedPerson => personOf({ id, kind: 'person' });
const personOf = (sender: Sender): NamedPerson => ({ type: 'person', sender, hasId: true });
const STRANGER = personWith(userIdOf(TELEGRAM, 'anybody'));

/** By a key of the whitelist: `telegram:ann`. */
const personCalled = (key: string): NamedPerson => {
  const [gateway, username] = [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)];
  return { type: 'person', sender: { id: userIdOf(gateway, `@${username}`), kind: 'person', username }, hasId: false };
};

/** What somebody has in one chat; nothing where they are not heard. */
const grantsIn = async (
  { policy, answererOf }: Side,
  person: NamedPerson,
  chat: ReturnType<typeof ownChatOf>,
  { group }: { readonly group?: ChatId } = {},
): Promise<Grants> => {
  const message = messageOf(person, chat, 'a message');
  const origin = originOf(message);
  const listed = rightsIn(policy, origin, { senderKind: person.sender.kind });
  if (!listed.allowed) return NONE;
  const scope = scopeOf(policy, origin);
  const database = ownDatabase(policy)(scope);
  const { agent, tools } = await answererOf(message);
  const things = [
    ...(group === undefined ? [] : [`chat ${group}`]),
    ...(decideResponse(policy, message).action === 'answer' && chat.kind === 'group' ? ['an answer without a mention'] : []),
    `directory ${scope.directory}`,
    `agent ${agent}`,
    ...(database.ok ? database.value.map((each) => `Notion database ${each.database}`) : []),
  ];
  return new Map<string, Grant>([
    ...things.map((name) => [name, { kind: 'thing', name }] as const),
    ...LISTED_RIGHTS.flatMap((right) => {
      const { allowed, needsApproval = false } = listed.rights[right];
      return allowed ? [[`right ${right}`, { kind: 'permission', name: RIGHT_WORDS[right], needsApproval }] as const] : [];
    }),
    ...tools.flatMap(({ name, needsApproval, refused }) =>
      refused ? [] : [[`${TOOL}${name}`, { kind: 'permission', name: `tool ${name}`, needsApproval }] as const],
    ),
  ]);
};

const TOOL = 'tool ';

/** The most that somebody has in any of several chats. */
const mostOf = (all: readonly Grants[]): Grants => {
  const most = new Map<string, Grant>();
  for (const [key, grant] of all.flatMap((grants) => [...grants])) {
    const known = most.get(key);
    if (!known || (known.kind === 'permission' && known.needsApproval)) most.set(key, grant);
  }
  return most;
};

/** A pattern of tools that one side names, and the other covers by a wider one, is there on both. */
const compare = (before: Grants, after: Grants): Difference =>
  compareGrants(new Map([...before, ...coveredIn(before, after)]), new Map([...after, ...coveredIn(after, before)]));

const coveredIn = (grants: Grants, others: Grants): readonly (readonly [string, Grant])[] =>
  [...others].flatMap(([key, other]) => {
    if (other.kind !== 'permission' || !key.startsWith(TOOL) || grants.has(key)) return [];
    const covering = [...grants].filter(([each]) => each.startsWith(TOOL) && fitsName(key.slice(TOOL.length), [each.slice(TOOL.length)]));
    const [, grant] = covering.find(([, each]) => each.kind === 'permission' && !each.needsApproval) ?? covering[0] ?? [];
    return grant?.kind === 'permission' ? [[key, { ...grant, name: other.name }] as const] : [];
  });

/** Limits count for their owner: a person, a workspace, or the installation. */
const changesOfBudgets = (sides: Sides): readonly AccessChange[] => {
  const people = new Set(sides.flatMap(({ policy }) => [...(policy.people?.keys() ?? [])]));
  const inBoth = namesOf(sides).filter((name) => sides.every(({ policy }) => workspaceNamed(policy, name)));
  const changed = (subject: string, place: string, limitsOf: (policy: AccessPolicy) => readonly BudgetLimit[]): AccessChange => ({
    subject,
    place,
    ...compareGrants(limitGrants(limitsOf(sides[0].policy)), limitGrants(limitsOf(sides[1].policy))),
  });
  const of = (policy: AccessPolicy, spender: { readonly workspace?: string; readonly person?: UserId }, budget: Budget | undefined) =>
    limitsFor(policy, { ...spender, promiseId: ANY_PROMISE }, 0).filter((limit) => limit.budget === budget);
  return [
    ...inBoth.map((name) => changed(name, name, (policy) => of(policy, { workspace: name }, workspaceNamed(policy, name)?.budget))),
    ...[...people].map((person) => changed(person, EVERYWHERE, (policy) => of(policy, { person }, policy.people?.get(person)?.budget))),
    changed('installation', EVERYWHERE, (policy) => of(policy, {}, policy.budget)),
  ];
};

const EVERYWHERE = 'everywhere';
const ANY_PROMISE = promiseId(1);

const limitGrants = (limits: readonly BudgetLimit[]): Grants =>
  new Map(
    limits.flatMap(({ path, amount, budget, span }): readonly (readonly [string, Grant])[] => {
      const limit: readonly [string, Grant] = [`limit ${path}`, { kind: 'limit', name: path, amount }];
      if (budget.cheaperModel === undefined || span === 'promise') return [limit];
      const from = `${Math.round(budget.warnAt * 100)} % of ${path}`;
      const name = `the usual models from ${from} on, where ${budget.cheaperModel} answers`;
      return [limit, [name, { kind: 'restriction', name }]];
    }),
  );

/** One entry for each subject in each place. */
const together = (changes: readonly AccessChange[]): readonly AccessChange[] =>
  [...Map.groupBy(changes, ({ subject, place }) => JSON.stringify([subject, place])).values()].map((same) => ({
    subject: same[0]?.subject ?? '',
    place: same[0]?.place ?? '',
    gains: same.flatMap(({ gains }) => gains),
    loses: same.flatMap(({ loses }) => loses),
  }));
