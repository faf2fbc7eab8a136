import { strict as assert } from 'node:assert';
import { isPortError, type PortErrorCode } from '../ports/index.ts';

/** For `assert.rejects`: whether the failure is a PortError of that code. */
export const portFailure =
  (code: PortErrorCode) =>
  (error: unknown): true => {
    if (!isPortError(error)) throw error;
    assert.equal(error.code, code);
    return true;
  };

/** How many of these resolved; the rest must have been refused as `concurrency`. */
export const countWinners = async (attempts: readonly Promise<unknown>[]): Promise<number> => {
  const outcomes = await Promise.allSettled(attempts);
  for (const outcome of outcomes) if (outcome.status === 'rejected') portFailure('concurrency')(outcome.reason);
  return outcomes.filter(({ status }) => status === 'fulfilled').length;
};
