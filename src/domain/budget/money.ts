import type { Brand } from '../shared/brand.ts';

/** An amount in millionths of a US dollar: a whole number, so that sums are exact. */
export type MicroUsd = Brand<number, 'MicroUsd'>;

/** What may be spent, at the most. */
export interface Budget {
  readonly daily?: MicroUsd;
  readonly monthly?: MicroUsd;
  /** The share of it, in (0, 1), from which on people are warned. */
  readonly warnAt: number;
  /** The model that answers from there on: `anthropic/claude-haiku-5-5`. */
  readonly cheaperModel?: string;
  /** Where it stands in the configuration. */
  readonly path: string;
}
