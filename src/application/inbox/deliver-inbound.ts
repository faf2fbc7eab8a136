import type { ChatId } from '../../domain/chat/ids.ts';
import type { EventOf } from '../../domain/events/event.ts';
import { present } from '../../domain/shared/present.ts';
import type { GatewayInlet } from '../../ports/chat-gateway.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import { makeAtOnce, makeChatLanes } from './chat-lanes.ts';
import type { EraseMessages } from './erase-messages.ts';
import type { FollowMove } from './follow-move.ts';
import type { ReceiveMessage } from './receive-message.ts';
import { makeUntilDone } from './until-done.ts';

/** The inlet of every gateway of a bot. */
export interface InboundDelivery extends GatewayInlet {
  /** Begins nothing more: what waits is rejected at once. Resolves when the calls under way have ended. */
  stop(): Promise<void>;
}

type What = EventOf<'inbound-retried'>['what'];

/** So many calls of storage run side by side. */
const MAX_AT_ONCE = 64;

/**
 * Takes in what gateways hand over: each chat in order, chats side by side. What fails is repeated with a back-off
 * until it succeeds, and the rest of its chat waits behind it, so that no message is lost and none overtakes another.
 */
export const makeDeliverInbound = (deps: {
  readonly receive: ReceiveMessage;
  readonly erase: EraseMessages;
  readonly followMove: FollowMove;
  readonly clock: Clock;
  readonly events: Events;
}): InboundDelivery => {
  const { clock, events } = deps;
  const lanes = makeChatLanes();
  const atOnce = makeAtOnce(MAX_AT_ONCE);
  const stopping = new AbortController();
  const { signal } = stopping;
  const underWay = new Set<Promise<unknown>>();

  const attempt = async (act: () => Promise<unknown>): Promise<void> => {
    signal.throwIfAborted();
    const call = act();
    underWay.add(call);
    try {
      await call;
    } finally {
      underWay.delete(call);
    }
  };

  const untilDone = makeUntilDone({ clock, signal });
  /** Other chats do not wait for one that fails: a place is held only while storage is called. */
  const untilStored = (chatId: ChatId | undefined, what: What, act: () => Promise<unknown>): Promise<void> =>
    untilDone(
      () => atOnce(() => attempt(act)),
      (error, failures) => events.emit({ type: 'inbound-retried', what, failures, reason: reasonOf(error), error, ...present({ chatId }) }),
    );

  return {
    received: (message) => lanes.run(message.chat.id, () => untilStored(message.chat.id, 'message', () => deps.receive(message))),
    erased: (deleted) => {
      const { chat } = deleted;
      const chatId = typeof chat === 'function' ? undefined : chat;
      const erase = () => untilStored(chatId, 'deletion', () => deps.erase(deleted));
      return typeof chat === 'function' ? lanes.runBehind(chat, erase) : lanes.run(chat, erase);
    },
    moved: (chat) => lanes.run(chat.to, () => untilStored(chat.to, 'move', () => deps.followMove(chat))),
    tapped: async () => 'Nothing waits for a decision here.',
    stop: async () => {
      stopping.abort();
      await Promise.allSettled(underWay);
    },
  };
};
