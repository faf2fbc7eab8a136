import type { LimitUse } from '../../domain/budget/ledger.ts';
import { inDollars, inDollarsExactly, type MicroUsd } from '../../domain/budget/money.ts';
import { roomOf } from '../../domain/chat/ids.ts';
import { ownersOf } from '../../domain/rights/decide-right.ts';
import { capitalised } from '../../domain/shared/capitalised.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { BudgetLimit, Spender } from './limits.ts';

/** `the budget of $5.00 a day of the workspace "psy"` */
const named = ({ owner, amount, span }: BudgetLimit): string => {
  if (span === 'promise') return `the ${inDollarsExactly(amount)} that one promise may cost`;
  return `the budget of ${inDollarsExactly(amount)} a ${span}${ownedBy(owner)}`;
};

const ownedBy = (owner: BudgetLimit['owner']): string => {
  if (owner.of === 'workspace') return ` of the workspace ${JSON.stringify(owner.workspace)}`;
  return owner.of === 'person' ? ' of the person who asked' : '';
};

const untilOf = ({ span, until }: BudgetLimit): string => {
  if (span === 'promise') return '';
  const day = new Date(until).toISOString().slice(0, 10);
  return `until ${day} 00:00 UTC`;
};

/** Who can raise it: owners by name where the place has some, and where it stands. */
const raising = (limit: BudgetLimit, policy: AccessPolicy, { chatId, chatKind }: Pick<Spender, 'chatId' | 'chatKind'>): string => {
  const owners = ownersOf(policy, { chatId: roomOf(chatId), chatKind }).map(({ id, name }) => name ?? id);
  const who = owners.length === 0 ? 'Whoever runs me' : `${owners.slice(0, 3).join(', ')}, or whoever runs me,`;
  return `${who} can raise it: ${limit.path}.`;
};

/** Why nothing more is spent, for the people who wait. */
export const stoppedWords = (
  limit: BudgetLimit,
  { spent, reserved }: LimitUse,
  cost: MicroUsd,
  policy: AccessPolicy,
  spender: Pick<Spender, 'chatId' | 'chatKind'>,
): string => {
  const left = Math.max(0, limit.amount - spent) as MicroUsd;
  const until = untilOf(limit);
  const when = until === '' ? '' : ` ${until}`;
  const isUsedUp = spent >= limit.amount;
  const state = isUsedUp
    ? `${capitalised(named(limit))} is used up${when}.`
    : spent + cost <= limit.amount && reserved > 0
      ? `what is left of ${named(limit)} is reserved for work that is under way.`
      : `what is left of ${named(limit)} (${inDollarsExactly(left)}${when === '' ? '' : `,${when}`}) does not cover the next step, which may cost up to ${inDollars(cost)}.`;
  return `${capitalised(state)} ${raising(limit, policy, spender)}`;
};

/** Why a model without a price is not asked where a budget holds. */
export const unpricedWords = (name: string, limit: BudgetLimit): string =>
  `Nothing is known of what ${name} costs, and ${named(limit)} (${limit.path}) must not be passed: so it was not used. Whoever runs me can add its price to prices.json.`;

export const unpricedHelp = (name: string): string =>
  `add "${name}": {"input", "output", "asOf"} to prices.json, beside the file of workspaces; see docs/how-to/budgets-and-prices.md`;

/** What a chat is told once a day, when a budget is nearly used up. */
export const warningWords = (limit: BudgetLimit, used: MicroUsd, cheaper: string | undefined): string => {
  const share = Math.floor((used / Math.max(1, limit.amount)) * 100);
  const next = cheaper === undefined ? '' : ` From here on ${cheaper} answers.`;
  return `${Math.min(share, 100)} % of ${named(limit)} is used or reserved (${untilOf(limit)}).${next}`;
};
