import { excerpt } from '../shared/excerpt.ts';
import { present } from '../shared/present.ts';
import type { Alert, AlertSeverity } from './alert.ts';
import {
  ALERT_RULE_IDS,
  ALERT_RULES,
  type AlertRuleId,
  type AlertRules,
  type AlertSettings,
  type Judged,
  judgeValue,
  worstFirst,
} from './rules.ts';
import { thresholdWords, valueWords } from './words.ts';

/** What a rule measured, of one thing. */
export interface AlertReading {
  /** What it is about, where the rule has an alert for each: `telegram`. */
  readonly subject?: string;
  /** Absent: nothing is known, which is neither bad nor well. */
  readonly value?: number;
  /** What was found, in words. Holds no secret and no content of messages. */
  readonly found?: string;
  /** There is nothing to look at any more, so that an alert of it is over; no alert begins by it either. */
  readonly isIdle?: boolean;
}

/**
 * The readings of each rule. Absent: the rule could not be read. A subject that is not among them is gone, unless one
 * without a subject says that nothing is known.
 */
export type AlertReadings = Readonly<Partial<Record<AlertRuleId, readonly AlertReading[]>>>;

/** A time in which somebody has to know. */
export interface AlertIncident {
  /** When it began to be bad, in ms since 1970. */
  readonly startedAt: number;
  /** When it had been bad for long enough. */
  readonly firedAt: number;
  /** When it began to be well; absent while the alert fires. */
  readonly resolvedAt?: number;
  readonly title: string;
  readonly detail: string;
  readonly severity: AlertSeverity;
}

/** What one look hands to the next about one alert. */
export interface AlertRecord {
  /** The rule, and behind a colon what it is about. */
  readonly key: string;
  readonly rule: AlertRuleId;
  readonly subject?: string;
  /** What the latest looks found; looks that found nothing leave it as it was. */
  readonly run: Judged;
  /** When this run began. */
  readonly since: number;
  /** For how long looks have found the same, as far as one followed the other. In ms. */
  readonly heldMs: number;
  /** The last look that counted. */
  readonly seenAt: number;
  /** The latest incident; absent where it never fired. */
  readonly incident?: AlertIncident;
}

export type AlertState = 'pending' | 'firing' | 'resolved';

/** `pending`: it is bad, and not yet for long enough, or its cool-down is not over. */
export const alertState = ({ run, incident }: Pick<AlertRecord, 'run' | 'incident'>): AlertState => {
  if (incident && incident.resolvedAt === undefined) return 'firing';
  return run === 'bad' ? 'pending' : 'resolved';
};

/** From the end of one look to the next. */
export const ALERT_POLL_MS = 15_000;
/** Time between looks that are further apart does not count: nobody knows what was in between. */
export const MAX_LOOK_GAP_MS = 60_000;
/** Looks that are further apart than this do not go on with each other. */
const FORGET_RUN_MS = 10 * 60_000;
/** So many alerts of a rule are kept: the worst first, then the latest. */
export const MAX_SUBJECTS = 50;
/** How long an alert that is over is remembered. */
export const ALERT_RETENTION_MS = 7 * 24 * 60 * 60 * 1_000;
const MAX_SUBJECT_LENGTH = 100;
const MAX_FOUND_LENGTH = 500;

export const alertKey = (rule: AlertRuleId, subject?: string): string =>
  subject === undefined ? rule : `${rule}:${excerpt(subject, MAX_SUBJECT_LENGTH)}`;

/** What a look changes. Without changes, nothing has to be stored. */
export interface AlertStep {
  /** As they stand after it. */
  readonly records: readonly AlertRecord[];
  readonly changed: readonly AlertRecord[];
  /** Keys of alerts that are forgotten. */
  readonly removed: readonly string[];
  readonly fired: readonly AlertRecord[];
  readonly resolved: readonly AlertRecord[];
}

/** Takes in what one look has found. */
export const stepAlerts = (
  before: readonly AlertRecord[],
  readings: AlertReadings,
  { rules, now }: { readonly rules: AlertRules; readonly now: number },
): AlertStep => {
  const known = new Map(before.map((record) => [record.key, record]));
  const seen = new Map<string, Observation>();
  for (const rule of ALERT_RULE_IDS)
    for (const observation of observationsOf(rule, readings[rule], rules[rule], known)) seen.set(observation.key, observation);
  const after = new Map(known);
  const removed: string[] = [];
  const forget = (key: string): void => {
    if (after.delete(key) && known.has(key)) removed.push(key);
  };
  for (const [key, observation] of seen) {
    const next = advanceRecord(known.get(key), observation, rules[observation.rule], now);
    if (next) after.set(key, next);
    else forget(key);
  }
  for (const key of superfluous([...after.values()])) forget(key);
  const changed = [...after.values()].filter((record) => known.get(record.key) !== record);
  const stateBefore = (key: string): AlertState | undefined => {
    const record = known.get(key);
    return record && alertState(record);
  };
  return {
    records: [...after.values()],
    changed,
    removed,
    fired: changed.filter((record) => alertState(record) === 'firing' && stateBefore(record.key) !== 'firing'),
    resolved: changed.filter((record) => alertState(record) !== 'firing' && stateBefore(record.key) === 'firing'),
  };
};

/** What is over and beyond the most that is kept of a rule, and what a later version left behind. */
const superfluous = (records: readonly AlertRecord[]): readonly string[] => {
  const isKnown = ({ rule }: AlertRecord): boolean => Object.hasOwn(ALERT_RULES, rule);
  const beyond = ALERT_RULE_IDS.flatMap((rule) => {
    const own = records.filter((record) => record.rule === rule);
    const over = own.filter((record) => alertState(record) === 'resolved').sort((a, b) => a.seenAt - b.seenAt);
    return over.slice(0, Math.max(0, own.length - MAX_SUBJECTS));
  });
  return [...records.filter((record) => !isKnown(record)), ...beyond].map(({ key }) => key);
};

/** What one poll found of one alert. */
interface Observation {
  readonly key: string;
  readonly rule: AlertRuleId;
  readonly subject?: string;
  /** `gone`: nobody looks at it any more, or nothing happens there any more. */
  readonly found: 'bad' | 'between' | 'well' | 'unknown' | 'gone';
  readonly value?: number;
  readonly words?: string;
}

const observationsOf = (
  rule: AlertRuleId,
  readings: readonly AlertReading[] | undefined,
  settings: AlertSettings,
  known: ReadonlyMap<string, AlertRecord>,
): readonly Observation[] => {
  const old = [...known.values()].filter((record) => record.rule === rule);
  const all = (found: Observation['found']): Observation[] =>
    old.map(({ key, subject }) => ({ key, rule, found, ...present({ subject }) }));
  if (settings.severity === 'off') return all('gone');
  if (!readings) return all('unknown');
  const observations = readings.map((reading) => observationOf(rule, reading, settings));
  const chosen = firingFirst(worstFirst(rule, observations), known).slice(0, MAX_SUBJECTS);
  const keys = new Set(observations.map(({ key }) => key));
  // What nobody knows of the whole rule, nobody knows of each subject.
  const isUnknown = observations.some(({ subject, found }) => subject === undefined && found === 'unknown');
  return [...all(isUnknown ? 'unknown' : 'gone').filter(({ key }) => !keys.has(key)), ...chosen];
};

const observationOf = (
  rule: AlertRuleId,
  { subject, value, found, isIdle = false }: AlertReading,
  { threshold }: AlertSettings,
): Observation => {
  const about = subject === undefined ? undefined : excerpt(subject, MAX_SUBJECT_LENGTH);
  return {
    key: alertKey(rule, about),
    rule,
    found: value === undefined || !Number.isFinite(value) ? (isIdle ? 'gone' : 'unknown') : judgeValue(rule, threshold, value),
    ...present({ subject: about, value, words: found === undefined ? undefined : excerpt(found, MAX_FOUND_LENGTH) }),
  };
};

const firingFirst = (all: readonly Observation[], known: ReadonlyMap<string, AlertRecord>): readonly Observation[] => {
  const rank = ({ key }: Observation): number => {
    const record = known.get(key);
    return record && alertState(record) === 'firing' ? 0 : 1;
  };
  return all.toSorted((a, b) => rank(a) - rank(b));
};

/** Undefined: there is nothing to remember. */
const advanceRecord = (
  record: AlertRecord | undefined,
  observation: Observation,
  settings: AlertSettings,
  now: number,
): AlertRecord | undefined => {
  const { found } = observation;
  if (!record) return found === 'bad' ? settled(begun(observation, now), observation, settings, now) : undefined;
  const { incident } = record;
  switch (alertState(record)) {
    case 'firing':
      if (found === 'unknown') return record;
      if (found === 'gone') return ended(record, now, now);
      // Until something changes, nothing has to be stored.
      return found === record.run && found !== 'well' ? record : settled(continued(record, found, now), observation, settings, now);
    case 'pending':
      if (found === 'bad') return settled(continued(record, 'bad', now), observation, settings, now);
      if (found === 'unknown' && Math.abs(now - record.seenAt) <= FORGET_RUN_MS) return record;
      return incident && continued(record, 'well', now);
    case 'resolved':
      if (found === 'bad') return settled(continued(record, 'bad', now), observation, settings, now);
      return now - record.seenAt > Math.max(ALERT_RETENTION_MS, settings.cooldownMs) ? undefined : record;
  }
};

const begun = ({ key, rule, subject }: Observation, now: number): AlertRecord => ({
  key,
  rule,
  run: 'bad',
  since: now,
  heldMs: 0,
  seenAt: now,
  ...present({ subject }),
});

const continued = (record: AlertRecord, run: AlertRecord['run'], now: number): AlertRecord => {
  // A clock that was set, a machine that slept, a process that was down: nobody looked.
  const passed = now - record.seenAt;
  if (record.run !== run || Math.abs(passed) > FORGET_RUN_MS) return { ...record, run, since: now, heldMs: 0, seenAt: now };
  const followed = passed >= 0 && passed <= MAX_LOOK_GAP_MS;
  return { ...record, since: Math.min(record.since, now), heldMs: record.heldMs + (followed ? passed : 0), seenAt: now };
};

/** Fires, or is over, where it has been so for long enough. */
const settled = (record: AlertRecord, observation: Observation, settings: AlertSettings, now: number): AlertRecord => {
  const { incident } = record;
  if (record.heldMs < settings.forMs) return record;
  if (incident && incident.resolvedAt === undefined) return record.run === 'well' ? ended(record, record.since, now) : record;
  if (record.run !== 'bad' || settings.severity === 'off') return record;
  const isCooling = incident !== undefined && now >= incident.firedAt && now - incident.firedAt < settings.cooldownMs;
  if (isCooling) return record;
  return {
    ...record,
    incident: {
      startedAt: record.since,
      firedAt: now,
      title: titleOf(record),
      detail: detailOf(observation, settings),
      severity: settings.severity,
    },
  };
};

const ended = (record: AlertRecord, at: number, now: number): AlertRecord => {
  const { incident } = record;
  if (!incident) return record;
  const resolvedAt = Math.max(incident.startedAt, Math.min(at, now));
  return { ...record, run: 'well', since: Math.min(at, now), seenAt: now, incident: { ...incident, resolvedAt } };
};

const titleOf = ({ rule, subject }: Pick<AlertRecord, 'rule' | 'subject'>): string =>
  `${ALERT_RULES[rule].title}${subject === undefined ? '' : `: ${subject}`}`;

const detailOf = ({ rule, value, words }: Observation, { threshold }: AlertSettings): string => {
  const { unit, advice } = ALERT_RULES[rule];
  const measured = words ?? (value === undefined ? '' : `It is ${valueWords(unit, value)}.`);
  return `${measured} Threshold: ${thresholdWords(rule, threshold)}. ${advice()}`.trim();
};

/** The alert that people get. Undefined where it never fired. */
export const alertOf = ({ key, incident }: Pick<AlertRecord, 'key' | 'incident'>): Alert | undefined =>
  incident && {
    status: incident.resolvedAt === undefined ? 'firing' : 'resolved',
    key,
    title: incident.title,
    detail: incident.detail,
    severity: incident.severity,
    startedAt: incident.startedAt,
    ...present({ resolvedAt: incident.resolvedAt }),
  };
