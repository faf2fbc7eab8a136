import type { MicroUsd } from '../budget/money.ts';
import { inDollarsExactly } from '../budget/money.ts';

/**
 * One thing that a policy says of somebody in a place, under a key of its own.
 * - `permission`: may be used, perhaps only after an approval of each call.
 * - `thing`: is theirs there: a chat, a directory, an agent.
 * - `restriction`: takes something away, such as the usual models.
 * - `limit`: the most that may be spent. Without one, anything.
 */
export type Grant =
  | { readonly kind: 'permission'; readonly name: string; readonly needsApproval: boolean }
  | { readonly kind: 'thing' | 'restriction'; readonly name: string }
  | { readonly kind: 'limit'; readonly name: string; readonly amount: MicroUsd };

/** All that a policy says of somebody in a place. */
export type Grants = ReadonlyMap<string, Grant>;

/** What somebody gains and loses from one policy to the next. */
export interface Difference {
  readonly gains: readonly string[];
  readonly loses: readonly string[];
}

export const compareGrants = (before: Grants, after: Grants): Difference => {
  const gains: string[] = [];
  const loses: string[] = [];
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const step = stepOf(before.get(key), after.get(key));
    if (step) (step.isGain ? gains : loses).push(step.words);
  }
  return { gains, loses };
};

interface Step {
  readonly isGain: boolean;
  readonly words: string;
}

const stepOf = (before: Grant | undefined, after: Grant | undefined): Step | undefined => {
  const grant = after ?? before;
  switch (grant?.kind) {
    case 'permission':
      return permissionStep(grant.name, freedomOf(before), freedomOf(after));
    case 'limit':
      return limitStep(grant.name, amountOf(before), amountOf(after));
    case 'thing':
      return before && after ? undefined : { isGain: after !== undefined, words: grant.name };
    case 'restriction':
      return before && after ? undefined : { isGain: after === undefined, words: grant.name };
    case undefined:
      return undefined;
  }
};

type Freedom = 'none' | 'asks' | 'free';
const ORDER: readonly Freedom[] = ['none', 'asks', 'free'];

const freedomOf = (grant: Grant | undefined): Freedom => (grant?.kind !== 'permission' ? 'none' : grant.needsApproval ? 'asks' : 'free');

/** Between asking and not asking, what is gained or lost is to be spared the question. */
const permissionStep = (name: string, before: Freedom, after: Freedom): Step | undefined => {
  if (before === after) return undefined;
  const steps = [before, after];
  const words = !steps.includes('none') ? `${name} without an approval` : steps.includes('asks') ? `${name} after an approval` : name;
  return { isGain: ORDER.indexOf(after) > ORDER.indexOf(before), words };
};

const amountOf = (grant: Grant | undefined): number => (grant?.kind === 'limit' ? grant.amount : Number.POSITIVE_INFINITY);

const limitStep = (name: string, before: number, after: number): Step | undefined =>
  before === after ? undefined : { isGain: after > before, words: `${name}: ${amountWords(before)} → ${amountWords(after)}` };

const amountWords = (amount: number): string => (Number.isFinite(amount) ? inDollarsExactly(amount as MicroUsd) : 'no limit');
