import type { Alert } from '../../domain/alert/alert.ts';
import { signatureOf } from '../../domain/shared/sha256.ts';
import { request } from '../../ports/adapter-kit/notice-request.ts';
import type { AlertChannel } from '../../ports/alert-channel.ts';
import { type AlertOrigin, boundedAlert, isoTime } from './alert-text.ts';

const SIGNATURE_HEADER = 'X-Kept-Signature';
/** The body has no field for the installation. */
const INSTANCE_HEADER = 'X-Kept-Instance';

export interface WebhookOptions {
  readonly url: string;
  /** Absent: requests are not signed. */
  readonly secret?: string;
  readonly limitMs?: number;
  readonly origin?: AlertOrigin | undefined;
}

/** Posts each alert by itself, as JSON. */
export const makeWebhookChannel = ({ url, secret, limitMs, origin }: WebhookOptions): AlertChannel => ({
  name: 'webhook',
  send: async (alerts, signal) => {
    const post = (alert: Alert): Promise<void> => {
      const body = JSON.stringify(bodyOf(boundedAlert(alert)));
      return request({
        who: 'the webhook',
        variable: 'ALERT_WEBHOOK_URL',
        url,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(origin ? { [INSTANCE_HEADER]: origin.instance } : {}),
          ...(secret === undefined ? {} : { [SIGNATURE_HEADER]: signatureOf(body, secret) }),
        },
        body,
        signal,
        limitMs,
      });
    };
    await Promise.all(alerts.map(post));
  },
});

const bodyOf = ({ status, key, title, detail, severity, startedAt, resolvedAt }: Alert) => ({
  status,
  key,
  title,
  detail,
  severity,
  startedAt: isoTime(startedAt),
  ...(resolvedAt === undefined ? {} : { resolvedAt: isoTime(resolvedAt) }),
});
