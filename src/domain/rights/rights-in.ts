import type { AccessPolicy } from '../workspace/policy.ts';
import { type Actor, accessAs, decideRight, type RightAbout, roleOf } from './decide-right.ts';
import type { RightDecision } from './right-decision.ts';
import { ACTIONS, type Action, type Role } from './rights.ts';

/** What is listed: the actions, and the use of tools that act apart from that of others. */
export const LISTED_RIGHTS = ACTIONS.flatMap((action): readonly ListedRight[] =>
  action === 'use-tool' ? [action, 'use-acting-tool'] : [action],
);
export type ListedRight = Action | 'use-acting-tool';

/** Whether it is allowed, with the rule that decided and where in the configuration that rule stands. */
export type RightVerdict = Omit<RightDecision, 'action'>;

/** Everything that somebody may do in a place, and why. */
export interface RightsIn extends RightVerdict {
  /** Absent where configuration gives none, or nobody is let in. */
  readonly role?: Role | 'operator';
  readonly rights: Readonly<Record<ListedRight, RightVerdict>>;
}

export const rightsIn = (policy: AccessPolicy, actor: Actor, about: Pick<RightAbout, 'senderKind'> = {}): RightsIn => {
  const verdictOf = (listed: ListedRight): RightVerdict => {
    const { action: _, ...verdict } = decideRight(policy, actor, ...askedFor(listed, actor, about));
    return verdict;
  };
  const rights = Object.fromEntries(LISTED_RIGHTS.map((listed) => [listed, verdictOf(listed)])) as Record<ListedRight, RightVerdict>;
  const { allowed, rule } = rights.ask;
  if (actor === 'operator') return { ...rights.ask, role: 'operator', rights };
  const role = rule === 'operator' ? ('operator' as const) : roleOf(policy, actor).role;
  // Why they are heard, where they are; the role says what they may do then.
  const access = allowed ? accessAs(policy, actor, about) : rights.ask;
  return { ...access, ...(allowed && role !== undefined ? { role } : {}), rights };
};

/** In a direct conversation, all that is to be approved was asked for by its person. */
const askedFor = (listed: ListedRight, actor: Actor, about: RightAbout): readonly [action: Action, about: RightAbout] => {
  if (listed === 'use-acting-tool') return ['use-tool', { ...about, tool: { name: 'any', effect: 'acts' } }];
  if (listed === 'approve' && actor !== 'operator') return ['approve', { ...about, requestedBy: actor.senderId }];
  return [listed, about];
};
