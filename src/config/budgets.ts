import { type Budget, DEFAULT_WARN_AT, MAX_USD, type MicroUsd, microUsd, NOTHING } from '../domain/budget/money.ts';
import { present } from '../domain/shared/present.ts';
import type { ConfigProblem } from './problems.ts';
import { error, warning } from './problems.ts';
import type { WrittenBudget } from './workspace-schema.ts';

/**
 * Reads the budget at `path`; undefined where none is written. Notes each problem, with its place inside the file. An
 * amount that can't be read is none, so that nothing is spent by mistake.
 */
export const readBudget = (
  path: string,
  written: WrittenBudget | undefined,
  note: (problem: ConfigProblem) => void,
): Budget | undefined => {
  if (written === undefined) return undefined;
  const amount = (key: 'daily_usd' | 'monthly_usd' | 'promise_usd'): MicroUsd | undefined => {
    const usd = written[key];
    if (usd === undefined) return undefined;
    const micro = microUsd(usd);
    if (micro === undefined) note(wrongAmount(`${path}.${key}`, usd));
    return micro ?? NOTHING;
  };
  const daily = amount('daily_usd');
  const monthly = amount('monthly_usd');
  const perPromise = amount('promise_usd');
  if (daily !== undefined && monthly !== undefined && monthly < daily)
    note(
      warning(
        `${path}.monthly_usd`,
        'the month has less than one of its days',
        'give the month more than daily_usd, or leave one of both out',
      ),
    );
  if (daily === undefined && monthly === undefined && perPromise === undefined)
    note(warning(path, 'this budget limits nothing', 'add daily_usd or monthly_usd'));
  return {
    ...present({ daily, monthly, perPromise, cheaperModel: written.cheaper_model }),
    warnAt: warnAt(`${path}.warn_at`, written.warn_at, note),
    path,
  };
};

const wrongAmount = (place: string, usd: number): ConfigProblem => {
  if (usd < 0) return error(place, 'this amount is negative', 'write what may be spent in US dollars: 5, 0.25, or 0 for nothing');
  if (usd > MAX_USD) return error(place, `this is more than ${MAX_USD} US dollars`, 'write a smaller amount, or leave the key out');
  return error(place, 'this amount is finer than a millionth of a dollar', 'write at most 6 digits behind the point');
};

const warnAt = (place: string, share: number | undefined, note: (problem: ConfigProblem) => void): number => {
  if (share === undefined) return DEFAULT_WARN_AT;
  if (share > 0 && share <= 1) return share;
  note(
    error(
      place,
      'this is no share above 0 and at most 1',
      share > 1 && share <= 100 ? `write ${share / 100} for ${share} %` : 'write 0.8 for 80 %',
    ),
  );
  return DEFAULT_WARN_AT;
};
