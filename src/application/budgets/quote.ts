import { inDollars, inDollarsExactly, type MicroUsd } from '../../domain/budget/money.ts';
import type { AgentPromise } from '../../domain/promise/promise.ts';
import type { Ledger } from '../../ports/storage/ledger.ts';

/** So many promises like it must be known before their costs say something. */
const ENOUGH = 10;
const LOOKED_AT = 50;

/**
 * What new promises may cost at the most, and what nine of ten like them have cost; empty where neither is known. A
 * promise is like another one of the same agent.
 */
export const quoteFor = async (
  ledger: Pick<Ledger, 'costsOfPromises'>,
  promises: readonly Pick<AgentPromise, 'agent'>[],
  promiseLimit: MicroUsd | undefined,
): Promise<string> => {
  const [first] = promises;
  if (!first) return '';
  const subject = promises.length === 1 ? 'This' : 'Each of these';
  const most = promiseLimit === undefined ? [] : [`${subject} costs at most ${inDollarsExactly(promiseLimit)} unless somebody allows more`];
  const agents = new Set(promises.map(({ agent }) => agent));
  const costs = agents.size === 1 ? await ledger.costsOfPromises({ agent: first.agent, limit: LOOKED_AT }) : [];
  const usual = costs.length < ENOUGH ? 0 : (costs[Math.ceil(costs.length * 0.9) - 1] ?? 0);
  const history = usual === 0 ? [] : [`9 of 10 like it have cost up to ${inDollars(usual as MicroUsd)}`];
  const said = [...most, ...history];
  return said.length === 0 ? '' : `(${said.join('; ')}.)`;
};
