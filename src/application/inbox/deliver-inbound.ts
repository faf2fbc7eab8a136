import type { ChatId } from '../../domain/chat/ids.ts';
import type { EventOf } from '../../domain/events/event.ts';
import { present } from '../../domain/shared/present.ts';
import type { ButtonTap, GatewayInlet } from '../../ports/chat-gateway.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import { makeAtOnce } from '../loops/at-once.ts';
import { noWork, type ScopedCorrelation } from '../telemetry/work-scopes.ts';
import { makeChatLanes } from './chat-lanes.ts';
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
/** So many taps are worked off side by side: people who tap and tap hold up no message. */
const MAX_TAPS_AT_ONCE = 8;

/**
 * Takes in what gateways hand over: each chat in order, chats side by side. What fails is repeated with a back-off
 * until it succeeds, and the rest of its chat waits behind it, so that no message is lost and none overtakes another.
 */
export const makeDeliverInbound = (deps: {
  readonly receive: ReceiveMessage;
  readonly erase: EraseMessages;
  readonly followMove: FollowMove;
  /** Resolves to words for whoever tapped. Absent: nothing of this bot has buttons. */
  readonly tapped?: (tap: ButtonTap) => Promise<string>;
  readonly clock: Clock;
  /** Default: nobody knows what work it is. */
  readonly correlation?: ScopedCorrelation;
  readonly events: Events;
}): InboundDelivery => {
  const { clock, correlation = noWork, events } = deps;
  const lanes = makeChatLanes();
  const atOnce = makeAtOnce(MAX_AT_ONCE);
  const tapsAtOnce = makeAtOnce(MAX_TAPS_AT_ONCE);
  const stopping = new AbortController();
  const { signal } = stopping;
  const underWay = new Set<Promise<unknown>>();

  const attempt = async <T>(act: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    const call = act();
    underWay.add(call);
    try {
      return await call;
    } finally {
      underWay.delete(call);
    }
  };

  const untilDone = makeUntilDone({ clock, signal });
  /** Other chats do not wait for one that fails: a place is held only while storage is called. */
  const untilStored = (chatId: ChatId | undefined, what: What, act: () => Promise<unknown>): Promise<void> =>
    untilDone(
      () =>
        atOnce(async () => {
          await attempt(act);
        }),
      (error, failures) => events.emit({ type: 'inbound-retried', what, failures, reason: reasonOf(error), error, ...present({ chatId }) }),
    );

  return {
    received: (message) => {
      const { id } = message.chat;
      const receive = () => untilStored(id, 'message', () => deps.receive(message));
      return lanes.run(id, () => correlation.run(correlation.scopes.receive(message), receive));
    },
    erased: (deleted) => {
      const { chat } = deleted;
      const chatId = typeof chat === 'function' ? undefined : chat;
      const erase = () => untilStored(chatId, 'deletion', () => deps.erase(deleted));
      return typeof chat === 'function' ? lanes.runBehind(chat, erase) : lanes.run(chat, erase);
    },
    moved: (chat) => lanes.run(chat.to, () => untilStored(chat.to, 'move', () => deps.followMove(chat))),
    // Not repeated when it fails: whoever taps is told so at once, and taps again.
    tapped: (tap) => tapsAtOnce(() => attempt(async () => (await deps.tapped?.(tap)) ?? 'Nothing waits for a decision here.')),
    stop: async () => {
      stopping.abort();
      await Promise.allSettled(underWay);
    },
  };
};
