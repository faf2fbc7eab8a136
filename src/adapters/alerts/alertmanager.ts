import type { Alert } from '../../domain/alert/alert.ts';
import { present } from '../../domain/shared/present.ts';
import { request, textIn } from '../../ports/adapter-kit/notice-request.ts';
import type { AlertChannel } from '../../ports/alert-channel.ts';
import { type AlertOrigin, boundedAlert, isoTime } from './alert-text.ts';

export interface AlertmanagerOptions {
  /** Without `/api/v2/alerts`. */
  readonly url: string;
  readonly limitMs?: number;
  readonly origin?: AlertOrigin | undefined;
}

/** Without an end, an Alertmanager ends an alert by itself after five minutes, unless it is set otherwise. */
const REFRESH_MS = 60_000;
/** An answer with several problems names each. */
const MAX_DETAIL = 200;

/**
 * An Alertmanager of Prometheus, by `POST /api/v2/alerts`. It knows an alert by its labels: those of its end are the
 * same. It keeps the well-formed ones of a request that it refuses.
 */
export const makeAlertmanagerChannel = ({ url, limitMs, origin }: AlertmanagerOptions): AlertChannel => ({
  name: 'alertmanager',
  sendsTogether: true,
  refreshMs: REFRESH_MS,
  send: (alerts, signal) =>
    request({
      who: 'Alertmanager',
      variable: 'ALERTMANAGER_URL',
      url: `${url}/api/v2/alerts`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alerts.map((alert) => postable(boundedAlert(alert), origin))),
      signal,
      limitMs,
      refusesPages: true,
      detail: (body) => wordsOf(body),
    }),
});

const postable = ({ key, title, detail, severity, startedAt, resolvedAt }: Alert, origin: AlertOrigin | undefined) => ({
  // A label that is empty is none.
  labels: { alertname: ruleOf(key), service: 'kept', severity, key, ...present({ instance: origin?.instance || undefined }) },
  annotations: { summary: title, description: detail },
  startsAt: isoTime(startedAt),
  ...(resolvedAt === undefined ? {} : { endsAt: isoTime(resolvedAt) }),
});

/** Routes and silences of an Alertmanager usually go by the rule. */
const ruleOf = (key: string): string => key.split(':', 1)[0] || key;

/** Its answer is a JSON string, or an object with a message. Only plain words are passed on: they quote no label. */
const wordsOf = (body: string): string | undefined => {
  const words = textIn(body, 'message') ?? /^"([^"\\]*)/.exec(body.trim())?.[1];
  return words !== undefined && /^[\w .,:;'()-]+$/.test(words) ? words.slice(0, MAX_DETAIL) : undefined;
};
