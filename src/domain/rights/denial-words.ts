import { nativeId } from '../chat/ids.ts';
import { capitalised } from '../shared/capitalised.ts';
import { lineExcerpt } from '../shared/excerpt.ts';
import type { AccessPolicy, Origin } from '../workspace/policy.ts';
import { ownersOf } from './decide-right.ts';
import type { RightDecision, RightRule } from './right-decision.ts';
import type { Action } from './rights.ts';

/** Why somebody may not do something, and who can help: `You may not …`, or `They may not …` for a model. */
export const denialWords = (
  policy: AccessPolicy,
  place: Pick<Origin, 'chatId' | 'chatKind'>,
  { action, rule }: Pick<RightDecision, 'action' | 'rule'>,
  { person = 'You', deed = DEEDS[action] }: { readonly person?: 'You' | 'They'; readonly deed?: string | undefined } = {},
): string => {
  const because = BECAUSE[rule]?.(person === 'You' ? 'you are' : 'they are') ?? `rule ${rule}`;
  return `${person} may not ${deed}: ${because}. ${helpersIn(policy, place, action)}`;
};

const helpersIn = (policy: AccessPolicy, place: Pick<Origin, 'chatId' | 'chatKind'>, action: Action): string => {
  const others = action.endsWith('-others') ? 'Whoever asked for it can, and any member here. ' : '';
  return `${others}${capitalised(helperNames(policy, place))} can help.`;
};

/** Who can allow or do what somebody may not: the owners of a group by name, and whoever runs Kept. */
export const helperNames = (policy: AccessPolicy, place: Pick<Origin, 'chatId' | 'chatKind'>): string => {
  const owners = place.chatKind === 'group' ? ownersOf(policy, place) : [];
  const named = owners
    .slice(0, MAX_NAMED)
    .map(({ id, name }) => lineExcerpt(name ?? `the owner with the id ${nativeId(id)}`, MAX_NAME_LENGTH));
  return named.length === 0 ? OPERATOR : `${named.join(', ')} or ${OPERATOR}`;
};

const OPERATOR = 'whoever runs Kept';
const MAX_NAMED = 5;
const MAX_NAME_LENGTH = 60;

const DEEDS: Readonly<Record<Action, string>> = {
  ask: 'ask here',
  'use-agent': 'use this agent',
  'use-tool': 'use this tool',
  'start-coding': 'have code changed here',
  'cancel-own': 'cancel this',
  'cancel-others': 'cancel what others asked for',
  'retry-own': 'have this tried again',
  'retry-others': 'have tried again what others asked for',
  approve: 'approve here',
  'approve-standing': 'give standing approvals here',
  spend: 'spend here',
  'see-usage': 'see the usage of this chat',
  'begin-anew': 'begin the conversation of this chat anew',
};

const BECAUSE: Readonly<Partial<Record<RightRule, (are: string) => string>>> = {
  guest: (are) => `${are} a guest here`,
  member: (are) => `${are} a member here, no owner`,
  'no-role': (are) => `${are} no owner here`,
  'not-a-person': (are) => `${are} no person`,
  'others-chat': (are) => `this is somebody else's conversation, and ${are} not that person`,
  'not-a-dev-group': () => 'code is changed only in dev groups and in direct conversations',
};
