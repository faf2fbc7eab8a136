import type { ChatKind } from '../../domain/chat/chat.ts';
import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import type { IncomingMessage } from '../../domain/message/message.ts';
import { present } from '../../domain/shared/present.ts';
import type { ChatGateway } from '../../ports/chat-gateway.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { OutboxStore } from '../../ports/storage/outbox-store.ts';
import type { Lane } from '../outbox/flood-waits.ts';
import { gatewayFor } from '../outbox/gateway-for.ts';
import type { SendLimiter } from '../outbox/send-limiter.ts';
import { makeGrowingDraft } from './growing-draft.ts';

/**
 * What people see while they wait. All of it is best effort: nobody waits for it, nothing of it is repeated, and it
 * fails in silence.
 */
export interface Presence {
  /** Shows that a message was received, and will be answered. */
  acknowledge(message: IncomingMessage): void;
  /** Takes back what is shown of the answer to come under that delivery key: it does not come. */
  withdraw(chatId: ChatId, deliveryKey: string): void;
  /** Shows that a turn runs, until it ends. */
  begin(turn: {
    readonly chatId: ChatId;
    readonly chatKind: ChatKind;
    readonly replyTo?: MessageId;
    readonly deliveryKey: string;
  }): TurnPresence;
}

export interface TurnPresence {
  /** Gives all of the growing answer; asked only when it is shown. */
  draft(text: () => string): void;
  /** To be called before the answer is queued: from here on nothing is shown of this turn. */
  end(): void;
}

/** That somebody is typing fades after six seconds (https://core.telegram.org/method/messages.setTyping). */
const TYPING_MS = 5_000;

export const makePresence = (deps: {
  readonly gateways: readonly ChatGateway[];
  readonly limiter: SendLimiter;
  readonly outbox: Pick<OutboxStore, 'hasPending'>;
  readonly clock: Clock;
  readonly events: Events;
}): Presence => {
  const { clock, limiter } = deps;

  /** Does not reject. `wanted` is asked at the last moment. */
  const show = async (
    chatId: ChatId,
    lane: Lane,
    call: (gateway: ChatGateway) => Promise<void>,
    wanted: () => boolean | Promise<boolean> = () => true,
  ): Promise<void> => {
    const gateway = gatewayFor(deps.gateways, chatId);
    if (!gateway) return;
    const facts = { gateway: gateway.name, lane, chatId };
    try {
      if ((await limiter.tryAcquire(gateway, lane, chatId)) !== undefined || !(await wanted())) return;
      await call(gateway).catch(async (error: unknown) => {
        deps.events.emit({ type: 'presence-not-shown', ...facts, reason: reasonOf(error), error });
        await limiter.recordRateLimit(gateway, lane, chatId, error);
      });
    } catch (error) {
      deps.events.emit({ type: 'presence-not-shown', ...facts, reason: reasonOf(error), error });
    }
  };

  return {
    acknowledge: ({ chat: { id: chatId }, messageId }) => void show(chatId, 'typing', (gateway) => gateway.acknowledge(chatId, messageId)),
    withdraw: (chatId, deliveryKey) => void show(chatId, 'progress', async (gateway) => gateway.withdraw?.(chatId, deliveryKey)),
    begin: ({ chatId, chatKind, replyTo, deliveryKey }) => {
      let over = false;
      let isFirst = true;
      let cancelTyping = (): void => undefined;
      const type = (): void => {
        void show(
          chatId,
          'typing',
          (gateway) => gateway.showTyping(chatId),
          () => !over,
        );
        cancelTyping = clock.after(TYPING_MS, type);
      };
      type();
      const { draftIntervalMs: intervalMs = 0, draftsInGroups = true } = gatewayFor(deps.gateways, chatId)?.limits ?? {};
      const growsHere = draftsInGroups || chatKind === 'direct';
      // An answer that still waits to be sent comes first: a draft would stand above it.
      const mayShow = async (): Promise<boolean> => {
        isFirst &&= await deps.outbox.hasPending(chatId);
        return !isFirst && !over;
      };
      const growing = makeGrowingDraft({ clock, intervalMs }, (text) =>
        show(chatId, 'progress', (gateway) => gateway.showDraft({ chatId, text, deliveryKey, ...present({ replyTo }) }), mayShow),
      );
      return {
        draft: growsHere ? growing.grow : () => undefined,
        end: () => {
          over = true;
          cancelTyping();
          growing.end();
        },
      };
    },
  };
};
