import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import {
  ALERT_RULE_IDS,
  ALERT_RULES,
  type AlertRuleId,
  type AlertRules,
  type AlertSettings,
  builtInAlertRules,
  isAlertRuleId,
} from '../domain/alert/rules.ts';
import { nearestName } from '../domain/shared/nearest-name.ts';
import { readSpan } from '../domain/shared/span.ts';
import { findJsonFaults } from './json-faults.ts';
import { type ConfigProblem, error, suggestion, warning } from './problems.ts';
import { readText } from './read-text.ts';
import { JSON_HINTS } from './read-workspace-file.ts';
import type { ConfigSources } from './sources.ts';

/** The file of the rules of alerts, beside `workspace_config.json`. */
const ALERTS_FILE = 'alerts.json';

/** The path of the rules, beside this file of workspaces. */
export const alertsBeside = (path: string): string => join(dirname(path), ALERTS_FILE);

export interface ReadAlerts {
  readonly rules: AlertRules;
  readonly problems: readonly ConfigProblem[];
}

/** The rules beside a file of workspaces, which problems call `file`. Without a file, those that are built in. */
export const readAlertsBeside = (path: string, file: string, sources: ConfigSources): ReadAlerts => {
  const named = `${file.slice(0, -basename(file).length)}${ALERTS_FILE}`;
  const text = readText(alertsBeside(path), named, sources);
  if (!text.ok) return { rules: builtInAlertRules(), problems: [text.error] };
  return text.value === undefined ? { rules: builtInAlertRules(), problems: [] } : readAlerts(named, text.value);
};

const KEYS = ['threshold', 'window', 'for', 'cooldown', 'severity'] as const;
const SEVERITIES = ['info', 'warning', 'error', 'critical', 'off'] as const;
const isObject = z.record(z.string(), z.unknown());
const EXAMPLE =
  'write {"rules": {"service.errors": {"threshold": 0.05, "window": "5m", "for": "2m", "cooldown": "30m", "severity": "error"}}}';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** What is counted is kept for a little longer than a week. */
const SPANS: Readonly<Record<'window' | 'for' | 'cooldown', readonly [least: number, most: number, words: string]>> = {
  window: [MINUTE, 7 * DAY, 'from 1m to 7d'],
  for: [0, DAY, 'from 0s to 1d'],
  cooldown: [0, 7 * DAY, 'from 0s to 7d'],
};

/**
 * Reads the rules of a file over the built-in ones: what it does not name stays as it is. Every problem is an error
 * with its place, and what has one is left out: an alert that is set up by mistake comes too late.
 */
export const readAlerts = (file: string, source: string): ReadAlerts => {
  const built = builtInAlertRules();
  const json = source.replace(/^\uFEFF/, '');
  const faults = findJsonFaults(json);
  const problems = faults.map(({ line, column, problem, kind }) =>
    error(`${file}: line ${line}, column ${column}`, problem, JSON_HINTS[kind]),
  );
  if (faults.some(({ kind }) => kind === 'syntax')) return { rules: built, problems };
  const written = isObject.safeParse(JSON.parse(json));
  if (!written.success) return { rules: built, problems: [...problems, error(file, 'this must be an object in { }', EXAMPLE)] };
  const { rules: given = {}, ...others } = written.data;
  for (const key of Object.keys(others))
    problems.push(error(`${file}: ${key}`, 'this key is not known', isAlertRuleId(key) ? 'move it into "rules"' : 'known here: rules'));
  const named = isObject.safeParse(given);
  if (!named.success) return { rules: built, problems: [...problems, error(`${file}: rules`, 'this must be an object in { }', EXAMPLE)] };
  const rules: Record<AlertRuleId, AlertSettings> = { ...built };
  for (const [id, value] of Object.entries(named.data)) {
    const place = `${file}: rules.${id}`;
    if (isAlertRuleId(id)) rules[id] = readRule(id, value, place, (problem) => problems.push(problem));
    else
      problems.push(
        error(place, 'this rule is not known', suggestion(nearestName(id, ALERT_RULE_IDS), `the rules are ${ALERT_RULE_IDS.join(', ')}`)),
      );
  }
  return { rules, problems };
};

const readRule = (id: AlertRuleId, value: unknown, place: string, note: (problem: ConfigProblem) => void): AlertSettings => {
  const { settings: built } = ALERT_RULES[id];
  const written = isObject.safeParse(value);
  if (!written.success) {
    note(error(place, 'this must be an object in { }', 'write {"threshold": …}, or {"severity": "off"} where nobody wants this alert'));
    return built;
  }
  const given = written.data;
  for (const key of Object.keys(given))
    if (!KEYS.some((known) => known === key))
      note(error(`${place}.${key}`, 'this key is not known', suggestion(nearestName(key, KEYS), `known here: ${KEYS.join(', ')}`)));
  const span = (key: 'window' | 'for' | 'cooldown', otherwise: number): number =>
    given[key] === undefined ? otherwise : (readSpanAt(key, given[key], `${place}.${key}`, note) ?? otherwise);
  if (given.window !== undefined && built.windowMs === undefined)
    note(warning(`${place}.window`, 'this rule looks at the present: its window has no effect', 'leave it out'));
  return {
    threshold: readThreshold(id, given.threshold, `${place}.threshold`, note),
    ...(built.windowMs === undefined ? {} : { windowMs: span('window', built.windowMs) }),
    forMs: span('for', built.forMs),
    cooldownMs: span('cooldown', built.cooldownMs),
    severity: readSeverity(given.severity, `${place}.severity`, note) ?? built.severity,
  };
};

const readSpanAt = (key: keyof typeof SPANS, value: unknown, place: string, note: (problem: ConfigProblem) => void): number | undefined => {
  const [least, most, words] = SPANS[key];
  const ms = typeof value === 'string' ? readSpan(value) : undefined;
  if (ms !== undefined && ms >= least && ms <= most) return ms;
  const problem = ms === undefined ? 'this is no span of time' : `this is not ${words}`;
  note(
    error(
      place,
      problem,
      typeof value === 'number'
        ? `write it with its unit in quotes: "${value}s" or "${value}m"`
        : `write a span in quotes, ${words}: "90s", "5m", "12h"`,
    ),
  );
  return undefined;
};

/** The most that a threshold may be, and what it counts. */
const THRESHOLDS = {
  share: [1, 'a share from 0 to 1: write 0.05 for 5 %'],
  seconds: [366 * 86_400, 'in seconds, without quotes: write 300 for 5 minutes'],
  number: [1_000_000, 'a number without quotes, such as 1'],
} as const;

const readThreshold = (id: AlertRuleId, value: unknown, place: string, note: (problem: ConfigProblem) => void): number => {
  const { unit, settings } = ALERT_RULES[id];
  const [most, hint] = THRESHOLDS[unit];
  if (value === undefined) return settings.threshold;
  if (typeof value === 'number' && value >= 0 && value <= most) return value;
  const isShareInPercent = unit === 'share' && typeof value === 'number' && value > 1 && value <= 100;
  note(
    error(
      place,
      typeof value === 'number' ? `this is not from 0 to ${most}` : 'this must be a number',
      isShareInPercent ? `write ${value / 100} for ${value} %` : hint,
    ),
  );
  return settings.threshold;
};

const readSeverity = (value: unknown, place: string, note: (problem: ConfigProblem) => void): AlertSettings['severity'] | undefined => {
  const known = SEVERITIES.find((each) => each === value);
  if (value !== undefined && known === undefined)
    note(
      error(
        place,
        'this is no severity',
        suggestion(
          typeof value === 'string' ? nearestName(value, SEVERITIES) : undefined,
          `write one of ${SEVERITIES.map((each) => `"${each}"`).join(', ')}`,
        ),
      ),
    );
  return known;
};
