import type { LedgerEntry, SpentOn } from '../../domain/budget/ledger.ts';
import { fromUsd, type MicroUsd } from '../../domain/budget/money.ts';
import { costOf, mostCostOf, type Prices, priceOf, repliedName } from '../../domain/budget/prices.ts';
import { isPaid, NO_USAGE } from '../../domain/conversation/turn.ts';
import { present } from '../../domain/shared/present.ts';
import type { CallEnd, PaidRequest } from '../../ports/spending.ts';
import { inputTokensOf } from './estimate.ts';

/** What is to be paid for, before it begins. */
export interface Planned {
  readonly on: SpentOn;
  /** The name that was asked. */
  readonly name: string;
  /** The most that it can cost. Absent: no price is known. */
  readonly most?: MicroUsd | undefined;
  /** What it costs where nothing came of it. */
  readonly least?: MicroUsd | undefined;
}

export const plannedCall = (prices: Prices, model: string, request: PaidRequest): Planned => {
  const price = priceOf(prices, model);
  if (!price) return { on: 'model', name: model };
  const inputTokens = inputTokensOf(request);
  return {
    on: 'model',
    name: model,
    most: mostCostOf({ inputTokens, outputTokens: request.maxOutputTokens }, price),
    least: mostCostOf({ inputTokens, outputTokens: 0 }, price),
  };
};

export const plannedTool = (prices: Prices, name: string): Planned => {
  const price = priceOf(prices, name);
  return { on: 'tool', name, most: price && costOf(NO_USAGE, price) };
};

export const plannedCoding = (name: string, maxCostUsd: number | undefined): Planned => ({
  on: 'coding',
  name,
  most: maxCostUsd === undefined ? undefined : fromUsd(maxCostUsd),
});

/** What of an entry follows from how it ended; undefined where it was not paid. `reserved` was held back for it. */
export const endedAs = (
  planned: Planned,
  end: CallEnd,
  reserved: MicroUsd | undefined,
  prices: Prices,
): Pick<LedgerEntry, 'name' | 'usage' | 'cost' | 'estimated'> | undefined => {
  const { usage, how } = end;
  if (how === 'refused') return undefined;
  const name = end.model === undefined || planned.on !== 'model' ? planned.name : repliedName(planned.name, end.model);
  const told = costTold(planned, name, end, prices);
  if (told !== undefined) return { name, usage, cost: told };
  if (reserved !== undefined) {
    const cost = how === 'unknown' ? (planned.least ?? reserved) : reserved;
    return { name, usage, cost, estimated: true };
  }
  return isPaid(usage) || how === 'ended' ? { name, usage, ...present({ cost: told }) } : undefined;
};

/** The cost that what ended tells, by itself or by its usage; undefined where it tells none. */
const costTold = ({ on, most }: Planned, name: string, { usage, costUsd, how }: CallEnd, prices: Prices): MicroUsd | undefined => {
  if (costUsd !== undefined) return fromUsd(costUsd);
  if (on === 'coding') return undefined;
  if (on === 'tool') return how === 'ended' ? most : undefined;
  const price = priceOf(prices, name);
  // A server that tells no usage has not worked for nothing.
  return price && (isPaid(usage) || most === 0) ? costOf(usage, price) : undefined;
};
