import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { Alert } from '../../domain/alert/alert.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import { request } from '../../ports/adapter-kit/notice-request.ts';
import type { AlertChannel } from '../../ports/alert-channel.ts';
import { type AlertOrigin, boundedAlert, isoTime } from './alert-text.ts';

export interface PagerDutyOptions {
  readonly routingKey: string;
  /** `/v2/enqueue` is added where it has no path. */
  readonly url?: string;
  readonly limitMs?: number;
  readonly origin?: AlertOrigin | undefined;
}

const DEFAULT_URL = 'https://events.pagerduty.com';
const MAX_SUMMARY = 1_024;
const MAX_DEDUP_KEY = 255;

/** PagerDuty's Events API v2: an event for each alert, of which the key and the installation keep one incident. */
export const makePagerDutyChannel = ({ routingKey, url = DEFAULT_URL, limitMs, origin }: PagerDutyOptions): AlertChannel => {
  const address = new URL(url).pathname === '/' ? new URL('/v2/enqueue', url).href : url;
  return {
    name: 'pagerduty',
    send: async (alerts, signal) => {
      const post = (alert: Alert): Promise<void> =>
        request({
          who: 'PagerDuty',
          variable: 'ALERT_PAGERDUTY_ROUTING_KEY and ALERT_PAGERDUTY_URL',
          url: address,
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(eventOf(boundedAlert(alert), routingKey, origin)),
          signal,
          limitMs,
          refusesPages: true,
        });
      await Promise.all(alerts.map(post));
    },
  };
};

const eventOf = (alert: Alert, routingKey: string, origin: AlertOrigin | undefined) => {
  const { status, key } = alert;
  const instance = origin?.instance || undefined;
  const name = instance === undefined ? key : `${instance}:${key}`;
  const dedupKey = name.length <= MAX_DEDUP_KEY ? name : createHash('sha256').update(name).digest('hex');
  if (status === 'resolved') return { routing_key: routingKey, event_action: 'resolve', dedup_key: dedupKey };
  return {
    routing_key: routingKey,
    event_action: 'trigger',
    dedup_key: dedupKey,
    client: 'Kept',
    payload: {
      summary: excerpt(alert.title, MAX_SUMMARY),
      source: origin?.host || hostname() || 'kept',
      severity: alert.severity,
      timestamp: isoTime(alert.startedAt),
      class: key,
      ...present({ group: instance }),
      custom_details: { detail: alert.detail },
    },
  };
};
