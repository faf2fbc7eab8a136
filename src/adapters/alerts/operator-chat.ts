import { createHash } from 'node:crypto';
import type { Alert } from '../../domain/alert/alert.ts';
import { type ChatId, gatewayOf } from '../../domain/chat/ids.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import type { AlertChannel } from '../../ports/alert-channel.ts';
import type { Clock } from '../../ports/clock.ts';
import { PortError } from '../../ports/port-error.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { type AlertOrigin, boundedAlert, headline, originLines, stateName } from './alert-text.ts';

export interface OperatorChatOptions {
  readonly chatId: ChatId;
  readonly unitOfWork: UnitOfWork;
  readonly randomness: Pick<Randomness, 'id'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly origin?: AlertOrigin | undefined;
}

/** Fits into one message, whatever marks are put around it. */
const MAX_TEXT = 3_200;
/** However many there are, each has its headline. */
const LEAST_DETAIL = 40;

/**
 * A chat of the operator. One message for all goes into the outbox: from there on it is as safe as an answer, and a
 * repeat of the same states is not stored again.
 */
export const makeOperatorChat = ({ chatId, unitOfWork, randomness, clock, origin }: OperatorChatOptions): AlertChannel => {
  const sendIn: NonNullable<AlertChannel['sendIn']> = async ({ outbox }, alerts) => {
    if (alerts.length === 0) return;
    const names = createHash('sha256').update(alerts.map(stateName).toSorted().join(' ')).digest('hex');
    await outbox.add({
      chatId,
      text: [textOf(alerts), ...originLines(origin)].join('\n\n'),
      answers: [],
      dedupeKey: `alert:${names.slice(0, 32)}:${chatId}`,
      deliveryKey: randomness.id(),
      createdAt: clock.now(),
    });
  };
  return {
    name: gatewayOf(chatId),
    gateway: gatewayOf(chatId),
    sendsTogether: true,
    acceptedNote: 'it waits in the outbox, from where the bot sends it',
    send: async (alerts, signal) => {
      if (signal.aborted) throw new PortError('aborted', 'the message to the chat of the operator was aborted', { retryable: true });
      await unitOfWork.run((stores) => sendIn(stores, alerts));
    },
    sendIn,
  };
};

const textOf = (alerts: readonly Alert[]): string => {
  const room = Math.max(LEAST_DETAIL, Math.floor(MAX_TEXT / alerts.length) - 120);
  const parts = alerts.map(boundedAlert).map((alert) => {
    const title = excerpt(headline(alert), 100);
    return alert.status === 'firing' ? `${title}\n${excerpt(alert.detail, room)}` : title;
  });
  return excerpt(parts.join('\n\n'), MAX_TEXT);
};
