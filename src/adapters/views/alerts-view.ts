import type { Alert, AlertSettings, AlertSilence } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { AlertsReport, ListedAlert, ListedRule } from '../../ports/index.ts';
import { iso } from './iso.ts';

/** Alerts, their rules and silences, as every listing gives them. */
export const alertsView = ({ lookedAt, isStale, channels, alerts, rules, silences }: AlertsReport) => ({
  ...present({ lookedAt: lookedAt === undefined ? undefined : iso(lookedAt) }),
  isStale,
  channels,
  alerts: alerts.map(alertView),
  rules: rules.map(ruleView),
  silences: silences.map(silenceView),
});

const alertView = ({ key, rule, state, pendingSince, alert, silencedUntil, deliveries }: ListedAlert) => ({
  key,
  rule,
  state,
  ...present({
    pendingSince: optional(pendingSince),
    title: alert?.title,
    detail: alert?.detail,
    severity: alert?.severity,
    startedAt: optional(alert?.startedAt),
    resolvedAt: optional(alert?.resolvedAt),
    silencedUntil: optional(silencedUntil),
  }),
  deliveries,
});

/** One alert, as it is told by a webhook. */
export const alertFactView = ({ key, title, detail, severity, startedAt, resolvedAt }: Alert) => ({
  key,
  title,
  detail,
  severity,
  startedAt: iso(startedAt),
  ...present({ resolvedAt: optional(resolvedAt) }),
});

const optional = (at: number | undefined): string | undefined => (at === undefined ? undefined : iso(at));

/** Spans are in seconds. */
const ruleView = ({ id, state, settings, found }: ListedRule) => ({ id, state, found, ...settingsView(settings) });

const settingsView = ({ threshold, windowMs, forMs, cooldownMs, severity }: AlertSettings) => ({
  threshold,
  ...present({ windowSeconds: windowMs === undefined ? undefined : windowMs / 1_000 }),
  forSeconds: forMs / 1_000,
  cooldownSeconds: cooldownMs / 1_000,
  severity,
});

export const silenceView = ({ target, until, reason }: AlertSilence) => ({ target, until: iso(until), ...present({ reason }) });
