import type { WebhookEvent } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { WebhooksReport } from '../../ports/index.ts';
import { iso } from './iso.ts';

const optional = (at: number | undefined): string | undefined => (at === undefined ? undefined : iso(at));

/** Where the events for webhooks stand, as JSON. What they hold is left out: it is in what they are about. */
export const webhooksView = ({ receiver, stats, pause, events }: WebhooksReport) => ({
  ...present({ receiver: receiver && { place: receiver.place, signed: receiver.isSigned } }),
  ...stats.counts,
  ...present({
    waitingSince: optional(stats.oldestSince),
    lastFailure: stats.lastFailure && webhookEventView(stats.lastFailure),
    pause: pause && { failures: pause.failures, until: iso(pause.until) },
  }),
  events: events.map(webhookEventView),
});

const webhookEventView = (event: WebhookEvent) => ({
  id: event.eventId,
  type: event.fact.type,
  subject: event.subject,
  at: iso(event.at),
  status: event.status,
  attempts: event.attempts,
  ...stateOf(event),
});

const stateOf = (event: WebhookEvent) => {
  switch (event.status) {
    case 'pending':
      return { dueAt: iso(event.dueAt), ...present({ failedAt: optional(event.failedAt), lastError: event.lastError }) };
    case 'delivered':
      return { deliveredAt: iso(event.endedAt) };
    case 'failed':
      return { failedAt: iso(event.endedAt), lastError: event.lastError };
  }
};
