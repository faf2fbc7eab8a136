import { alertEvent } from '../../domain/webhook/webhook-event.ts';
import type { AlertChannel } from '../../ports/alert-channel.ts';
import type { Clock } from '../../ports/clock.ts';
import { PortError } from '../../ports/port-error.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';

/** The channel of alerts that puts them among the events for the receiver, in the commit that stores their end. */
export const makeWebhookEventsChannel = ({
  unitOfWork,
  clock,
}: {
  readonly unitOfWork: UnitOfWork;
  readonly clock: Pick<Clock, 'now'>;
}): AlertChannel => {
  const sendIn: NonNullable<AlertChannel['sendIn']> = ({ webhooks }, alerts) =>
    webhooks.add(alerts.map((alert) => alertEvent(alert, alert.resolvedAt ?? clock.now())));
  return {
    name: 'events',
    sendsTogether: true,
    acceptedNote: 'it waits among the events, from where the bot posts it',
    send: async (alerts, signal) => {
      if (signal.aborted) throw new PortError('aborted', 'the event was aborted', { retryable: true });
      await unitOfWork.run((stores) => sendIn(stores, alerts));
    },
    sendIn,
  };
};
