import type { AlertReading, AlertReadings } from '../../domain/alert/evaluate.ts';
import { ALERT_RULE_IDS, type AlertRuleId, isAlertRuleId, worstFirst } from '../../domain/alert/rules.ts';
import type { KeyValueState } from '../../ports/storage/key-value-state.ts';

/** What the leader has found last, for those who ask. */
export interface LastLook {
  /** When, in ms since 1970. */
  readonly at: number;
  readonly readings: AlertReadings;
}

/** The leader notes its look once a minute: an older one shows that nobody looks. */
const STALE_MS = 3 * 60_000;

export const isStaleLook = ({ at }: Pick<LastLook, 'at'>, now: number): boolean => Math.abs(now - at) > STALE_MS;

const KEY = 'look';
/** So many of a rule are kept, the worst first; alerts that fire stand in the store of alerts anyway. */
const MAX_READINGS = 10;

/** Whether a rule may have had more readings than are kept. */
export const isCut = (readings: readonly AlertReading[]): boolean => readings.length >= MAX_READINGS;

export const lookEntry = (readings: AlertReadings, now: number): readonly [string, string] => [
  KEY,
  JSON.stringify({
    at: now,
    readings: Object.fromEntries(
      ALERT_RULE_IDS.flatMap((rule) => (readings[rule] ? [[rule, worstFirst(rule, readings[rule]).slice(0, MAX_READINGS)]] : [])),
    ),
  }),
];

/** Undefined: nobody has looked yet, or a version that this one does not understand. */
export const readLastLook = async (state: KeyValueState): Promise<LastLook | undefined> => {
  const stored = await state.get(KEY);
  if (stored === undefined) return undefined;
  try {
    const { at, readings } = JSON.parse(stored) as { readonly at: unknown; readonly readings: unknown };
    if (typeof at !== 'number' || typeof readings !== 'object' || readings === null) return undefined;
    return { at, readings: readingsIn(readings) };
  } catch {
    return undefined;
  }
};

const readingsIn = (stored: object): AlertReadings =>
  Object.fromEntries(
    Object.entries(stored).flatMap(([rule, found]: [string, unknown]): [AlertRuleId, readonly AlertReading[]][] =>
      isAlertRuleId(rule) && Array.isArray(found) ? [[rule, found.filter(isReading)]] : [],
    ),
  );

const isReading = (value: unknown): value is AlertReading => {
  if (typeof value !== 'object' || value === null) return false;
  const { subject, value: measured, found } = value as Partial<Record<keyof AlertReading, unknown>>;
  const isText = (each: unknown): boolean => each === undefined || typeof each === 'string';
  return isText(subject) && isText(found) && (measured === undefined || typeof measured === 'number');
};
