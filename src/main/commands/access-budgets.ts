import { type BudgetLimit, limitsFor } from '../../application/index.ts';
import type { Config } from '../../config/index.ts';
import { NOTHING } from '../../domain/budget/money.ts';
import { fromUsd, inDollars, inDollarsExactly, type LimitUse, type MicroUsd, type Origin, promiseId, toUsd } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import { workspaceOf } from '../../domain/workspace/policy.ts';
import { isPortError, silentLogger } from '../../ports/index.ts';
import { hasData } from '../data-dir.ts';

/** A limit that a message counts against. */
export interface ListedBudget {
  /** Where the limit stands in the configuration. */
  readonly path: string;
  readonly span: BudgetLimit['span'];
  readonly limitUsd: number;
  /** What is spent and reserved of it by now. Absent of a promise, and where there is no data that can be read. */
  readonly spentUsd?: number;
  readonly reservedUsd?: number;
}

/** Every limit that a message of this person would count against there, the narrowest first. */
export const budgetsFor = async (config: Config, { chatId, senderId }: Origin, now: number): Promise<readonly ListedBudget[]> => {
  const { policy, promises } = config;
  // Any promise: the limit of one is the same for all.
  const spender = { person: senderId, promiseId: promiseId(1), ...present({ workspace: workspaceOf(policy, chatId)?.name }) };
  const limits = limitsFor(policy, spender, now, promises.budget);
  const timed = limits.filter(({ span }) => span !== 'promise');
  const uses = await usesOf(config, timed, now);
  return limits.map((limit) => {
    const { spent, reserved } = uses[timed.indexOf(limit)] ?? {};
    return {
      path: limit.path,
      span: limit.span,
      limitUsd: toUsd(limit.amount),
      ...present({ spentUsd: usd(spent), reservedUsd: usd(reserved) }),
    };
  });
};

const usd = (amount: MicroUsd | undefined): number | undefined => (amount === undefined ? undefined : toUsd(amount));

/** How the limits stand, where there is data; nothing is created, and nothing is told where it can't be read. */
const usesOf = async (config: Config, limits: readonly BudgetLimit[], now: number): Promise<readonly LimitUse[]> => {
  if (limits.length === 0 || !hasData(config)) return [];
  const [{ makeAppContext }, { TOKENS }] = await Promise.all([import('../container.ts'), import('../tokens.ts')]);
  const root = makeAppContext(config, silentLogger, { asItIs: true, readsOnly: true });
  try {
    const { stores } = await root.get(TOKENS.storage);
    return await stores.ledger.uses(limits, now);
  } catch (error) {
    if (isPortError(error)) return [];
    throw error;
  } finally {
    await root.lifecycle.stop();
  }
};

export const budgetsInWords = (budgets: readonly ListedBudget[]): readonly string[] =>
  budgets.length === 0
    ? ['no limit']
    : budgets.map(({ path, span, limitUsd, spentUsd, reservedUsd = 0 }) => {
        const reserved = reservedUsd > 0 ? ` and ${dollars(reservedUsd)} reserved` : '';
        return `${limitInDollars(limitUsd)} a ${span}${spentUsd === undefined ? '' : `, ${dollars(spentUsd)} spent${reserved}`} (${path})`;
      });

const dollars = (usd: number): string => inDollars(fromUsd(usd) ?? NOTHING);
const limitInDollars = (usd: number): string => inDollarsExactly(fromUsd(usd) ?? NOTHING);
