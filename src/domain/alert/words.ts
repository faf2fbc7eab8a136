import { ALERT_RULES, type AlertRuleId, type AlertUnit } from './rules.ts';

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** `90 s`, `2 min`, `26 h`, `7 d`: the largest unit in which it is a whole number, or else about two digits. */
export const durationWords = (ms: number): string => {
  const seconds = ms / 1_000;
  if (seconds === 0) return '0 s';
  const whole = UNITS.find(([, size]) => seconds >= size && seconds % size === 0);
  if (whole) return `${seconds / whole[1]} ${whole[0]}`;
  const [name, size] = UNITS.find(([, each]) => seconds >= 2 * each) ?? (['s', 1] as const);
  return `${rounded(seconds / size)} ${name}`;
};

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
