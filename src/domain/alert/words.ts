import { durationWords } from '../shared/duration.ts';
import { ALERT_RULES, type AlertRuleId, type AlertUnit } from './rules.ts';

/** At most two digits behind the point, and none where it is large. */
const rounded = (value: number): string => String(value >= 10 ? Math.round(value) : Number(value.toFixed(2)));

/** A value with its unit: `7.5 %`, `12 s`, `3`. */
export const valueWords = (unit: AlertUnit, value: number): string => {
  if (unit === 'share') return `${Number((value * 100).toFixed(2))} %`;
  return unit === 'seconds' ? durationWords(value * 1_000) : rounded(value);
};

/** `above 5 %` */
export const thresholdWords = (rule: AlertRuleId, threshold: number): string => {
  const { bad, unit } = ALERT_RULES[rule];
  return `${bad} ${valueWords(unit, threshold)}`;
};
