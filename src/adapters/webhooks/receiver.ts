import { signatureOf } from '../../domain/shared/sha256.ts';
import { request } from '../../ports/adapter-kit/notice-request.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PostedEvent, WebhookReceiver } from '../../ports/webhook-receiver.ts';

export interface WebhookReceiverOptions {
  /** May hold a user name and a password. */
  readonly url: string;
  /** Absent: requests are not signed. */
  readonly secret?: string | undefined;
  /** What is shown of a fact: JSON, without secrets. */
  readonly view: (fact: PostedEvent['fact']) => unknown;
  readonly clock: Pick<Clock, 'now'>;
  readonly limitMs?: number;
}

const SIGNATURE_HEADER = 'X-Kept-Signature';
/** Only 410 says that an event is never wanted again: an address that is not found may be corrected. */
const CODES = { 404: 'unavailable', 405: 'unavailable', 410: 'not-found' } as const;

/** Posts each event by itself, as JSON, to the address that the operator has given. Redirects are not followed. */
export const makeWebhookReceiver = ({ url, secret, view, clock, limitMs }: WebhookReceiverOptions): WebhookReceiver => ({
  place: new URL(url).origin,
  isSigned: secret !== undefined,
  post: (event, signal) => {
    const sentAt = new Date(clock.now()).toISOString();
    const body = bodyOf(event, sentAt, view);
    return request({
      who: 'the receiver of webhooks',
      variable: 'KEPT_WEBHOOK_URL',
      url,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'X-Kept-Event-Id': event.eventId,
        'X-Kept-Event-Type': event.fact.type,
        'X-Kept-Timestamp': sentAt,
        ...(secret === undefined ? {} : { [SIGNATURE_HEADER]: signatureOf(body, secret) }),
      },
      body,
      signal,
      limitMs,
      codes: CODES,
    });
  },
});

/** `sentAt` is the header's time where the signature covers it: by it a receiver knows what somebody else repeats. */
const bodyOf = ({ eventId, at, fact }: PostedEvent, sentAt: string, view: WebhookReceiverOptions['view']): string =>
  JSON.stringify({ id: eventId, type: fact.type, at: new Date(at).toISOString(), sentAt, data: view(fact) });
