import { commandHint } from '../shared/command-form.ts';
import type { AlertSeverity } from './alert.ts';

/** Every rule, in the order in which they are listed. */
export const ALERT_RULE_IDS = [
  'service.errors',
  'service.response',
  'service.availability',
  'queue.oldest-due',
  'queue.undelivered',
  'queue.webhooks',
  'queue.worker',
  'process.lost',
  'process.restarts',
  'gateway.silent',
  'gateway.flood-wait',
  'budget.used',
  'storage.disk',
  'storage.backup',
] as const;
export type AlertRuleId = (typeof ALERT_RULE_IDS)[number];

/** What a value of a rule counts. A share is between 0 and 1. */
export type AlertUnit = 'share' | 'seconds' | 'number';

/** What `config/alerts.json` may change of a rule. */
export interface AlertSettings {
  readonly threshold: number;
  /** What is looked back at, in ms. Absent where the rule looks at the present. */
  readonly windowMs?: number;
  /** How long it must be bad before an alert fires, and well before it is over. In ms. */
  readonly forMs: number;
  /** The shortest time from one firing of an alert to the next, in ms. */
  readonly cooldownMs: number;
  /** `off`: the rule is not looked at. */
  readonly severity: AlertSeverity | 'off';
}

export type AlertRules = Readonly<Record<AlertRuleId, AlertSettings>>;

export interface AlertRule {
  /** The title of its alerts. */
  readonly title: string;
  /** What is measured. */
  readonly measures: string;
  /** What each alert of it is about, where it has one for each. */
  readonly subject?: string;
  readonly unit: AlertUnit;
  /** On which side of its threshold a value is bad. The threshold itself is not. */
  readonly bad: 'above' | 'below';
  /** Where a value is well again, for a threshold. In between, a firing alert goes on and no other one begins. */
  readonly wellAt: (threshold: number) => number;
  /** What to do about it. Commands stand in it as they are typed here. */
  readonly advice: () => string;
  readonly settings: AlertSettings;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A fifth better than the threshold. */
const fifthLess = (threshold: number): number => threshold * 0.8;
const fifthMore = (threshold: number): number => threshold * 1.2;
const same = (threshold: number): number => threshold;

/** The rules, with their built-in settings. */
export const ALERT_RULES: Readonly<Record<AlertRuleId, AlertRule>> = {
  'service.errors': {
    title: 'Too many errors',
    measures:
      "the share of the runs of agents that failed; a single failure does not count, and a report that a task can't be done is none",
    unit: 'share',
    bad: 'above',
    wellAt: fifthLess,
    advice: () => `Look at ${commandHint('stats --by agent')}, ${commandHint('logs --level warn')} and ${commandHint('health')}.`,
    settings: { threshold: 0.05, windowMs: 5 * MINUTE, forMs: 2 * MINUTE, cooldownMs: 30 * MINUTE, severity: 'error' },
  },
  'service.response': {
    title: 'Answers are slow',
    measures: 'the average time from when an answer to people begins to when it is stored',
    unit: 'seconds',
    bad: 'above',
    wellAt: fifthLess,
    advice: () => `Look at ${commandHint('stats --by model')} and ${commandHint('stats --by tool')}.`,
    settings: { threshold: 5, windowMs: 5 * MINUTE, forMs: 2 * MINUTE, cooldownMs: 30 * MINUTE, severity: 'warning' },
  },
  'service.availability': {
    title: 'Not available enough',
    measures: 'the share of the time in which people could be answered; a time in which Kept was stopped does not count',
    unit: 'share',
    bad: 'below',
    wellAt: (threshold) => threshold + (1 - threshold) * 0.2,
    advice: () => `Look at ${commandHint('health')}.`,
    settings: { threshold: 0.99, windowMs: HOUR, forMs: 2 * MINUTE, cooldownMs: 30 * MINUTE, severity: 'error' },
  },
  'queue.oldest-due': {
    title: 'Promises wait too long',
    measures: 'how long the oldest due promise waits for a worker',
    unit: 'seconds',
    bad: 'above',
    wellAt: fifthLess,
    advice: () => `Is a worker running, with room for it? ${commandHint('worker')} starts one.`,
    settings: { threshold: 300, forMs: MINUTE, cooldownMs: 30 * MINUTE, severity: 'error' },
  },
  'queue.undelivered': {
    title: 'Outcomes are not delivered',
    measures: 'how many outcomes of promises have not reached their chats within the window',
    unit: 'number',
    bad: 'above',
    wellAt: same,
    advice: () => `Look at ${commandHint('promises list')} and ${commandHint('health')}: can the bot write to these chats?`,
    settings: { threshold: 0, windowMs: 10 * MINUTE, forMs: 2 * MINUTE, cooldownMs: 30 * MINUTE, severity: 'error' },
  },
  'queue.webhooks': {
    title: 'Webhook events wait too long',
    measures: 'how long the oldest event waits for the receiver of webhooks',
    unit: 'seconds',
    bad: 'above',
    wellAt: fifthLess,
    advice: () => `Look at ${commandHint('webhooks list')}, and try ${commandHint('webhooks test')}.`,
    settings: { threshold: 900, forMs: MINUTE, cooldownMs: 30 * MINUTE, severity: 'error' },
  },
  'queue.worker': {
    title: 'No worker is running',
    measures: 'how many workers are alive, on all machines',
    unit: 'number',
    bad: 'below',
    wellAt: same,
    advice: () => `${commandHint('worker')} starts one.`,
    settings: { threshold: 1, forMs: 2 * MINUTE, cooldownMs: 30 * MINUTE, severity: 'critical' },
  },
  'process.lost': {
    title: 'A process went silent',
    measures: 'how many processes of a machine gave no sign of life within the window and were not stopped',
    subject: 'machine',
    unit: 'number',
    bad: 'above',
    wellAt: same,
    advice: () => `Look at ${commandHint('status')} and at the machine.`,
    settings: { threshold: 0, windowMs: HOUR, forMs: MINUTE, cooldownMs: 30 * MINUTE, severity: 'warning' },
  },
  'process.restarts': {
    title: 'A process restarts over and over',
    measures:
      'how often processes of a role began on a machine within the window, and were killed, crashed or failed; a stop does not count',
    subject: 'role and machine',
    unit: 'number',
    bad: 'above',
    wellAt: fifthLess,
    advice: () =>
      `Look at ${commandHint('status')} and ${commandHint('logs --level warn')}; what was killed has logged nothing of it: look at the log of the machine, too.`,
    settings: { threshold: 4, windowMs: 15 * MINUTE, forMs: 0, cooldownMs: 30 * MINUTE, severity: 'error' },
  },
  'gateway.silent': {
    title: 'A gateway is silent',
    measures: 'for how long a gateway has not been well',
    subject: 'gateway',
    unit: 'seconds',
    bad: 'above',
    wellAt: fifthLess,
    advice: () => `Look at ${commandHint('health')}: can this machine reach the platform, and is the account in order?`,
    settings: { threshold: 60, forMs: MINUTE, cooldownMs: 30 * MINUTE, severity: 'critical' },
  },
  'gateway.flood-wait': {
    title: 'A platform asks for a pause',
    measures: 'how much longer the platform of a gateway wants no message',
    subject: 'gateway',
    unit: 'seconds',
    bad: 'above',
    wellAt: fifthLess,
    advice: () => 'Nothing is lost: answers wait. Send less to these chats.',
    settings: { threshold: 60, forMs: 30 * SECOND, cooldownMs: 30 * MINUTE, severity: 'warning' },
  },
  'budget.used': {
    title: 'A budget is nearly used up',
    measures: 'the share of a budget of the day or month that is spent or reserved',
    subject: 'budget',
    unit: 'share',
    bad: 'above',
    wellAt: fifthLess,
    advice: () => `Look at ${commandHint('usage')}; the amount stands in workspace_config.json.`,
    settings: { threshold: 0.9, forMs: 0, cooldownMs: 6 * HOUR, severity: 'warning' },
  },
  'storage.disk': {
    title: 'The disk is nearly full',
    measures: 'the share of the disk of the data directory that is free',
    unit: 'share',
    bad: 'below',
    wellAt: fifthMore,
    advice: () => 'Make room on that disk.',
    settings: { threshold: 0.05, forMs: 2 * MINUTE, cooldownMs: 6 * HOUR, severity: 'error' },
  },
  'storage.backup': {
    title: 'The newest backup is old',
    measures: 'the age of the newest backup that did not visibly break off, or of `backups` while it has none',
    unit: 'seconds',
    bad: 'above',
    wellAt: same,
    advice: () => 'Look at why the last backup failed, and make one.',
    settings: { threshold: 26 * 60 * 60, forMs: 0, cooldownMs: 6 * HOUR, severity: 'error' },
  },
};

export const builtInAlertRules = (): AlertRules =>
  Object.fromEntries(ALERT_RULE_IDS.map((id) => [id, ALERT_RULES[id].settings])) as Readonly<Record<AlertRuleId, AlertSettings>>;

/** What a rule looks back at, in ms: nothing where it looks at the present. Default: as it is built in. */
export const windowOf = (rule: AlertRuleId, { windowMs }: Pick<AlertSettings, 'windowMs'> = ALERT_RULES[rule].settings): number =>
  windowMs ?? ALERT_RULES[rule].settings.windowMs ?? 0;

/** How long an outcome that was given up counts as undelivered. */
export const GIVEN_UP_MS = 24 * HOUR;
/** Undelivered outcomes are counted up to this. */
export const MAX_UNDELIVERED = 1_000;

export const isAlertRuleId = (id: string): id is AlertRuleId => ALERT_RULE_IDS.some((known) => known === id);

/** `between`: neither bad, nor well enough to end an alert. */
export type Judged = 'bad' | 'between' | 'well';

/** What a value means. */
export const judgeValue = (rule: AlertRuleId, threshold: number, value: number): Judged => {
  const { bad, wellAt } = ALERT_RULES[rule];
  const well = wellAt(threshold);
  if (bad === 'above') return value > threshold ? 'bad' : value <= well ? 'well' : 'between';
  return value < threshold ? 'bad' : value >= well ? 'well' : 'between';
};

/** Whether an alert of that rule begins by a value. None does while it is off: no check takes a value for bad then. */
export const isBadBy = (rule: AlertRuleId, { severity, threshold }: AlertSettings, value: number): boolean =>
  severity !== 'off' && judgeValue(rule, threshold, value) === 'bad';

/** What a rule measured, the worst first; what is not known is last. */
export const worstFirst = <T extends { readonly value?: number | undefined }>(rule: AlertRuleId, measured: readonly T[]): readonly T[] => {
  const sign = ALERT_RULES[rule].bad === 'above' ? -1 : 1;
  const rank = ({ value }: T): number => (value === undefined || Number.isNaN(value) ? Number.POSITIVE_INFINITY : sign * value);
  return measured.toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
};
