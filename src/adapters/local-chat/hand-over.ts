import type { ChatId, IncomingMessage, MessageId } from '../../domain/index.ts';
import { beginningOf } from '../../domain/shared/excerpt.ts';
import {
  type ButtonTap,
  type ChangeFeed,
  type Clock,
  type GatewayInlet,
  type LocalTranscript,
  type Notice,
  PortError,
  reasonOf,
  type TranscriptMessage,
} from '../../ports/index.ts';
import { makeSingleFlight } from './single-flight.ts';

type Inlet = Pick<GatewayInlet, 'received' | 'tapped'>;

/** As on every platform. */
const MAX_TAP_WORDS = 200;
const PAGE = 200;
/** How long a post waits until its message is received. */
const PATIENCE_MS = 5_000;

/**
 * Hands over the messages that are not marked as received, whichever process stored them, in the order of the
 * transcript; marks each once it is received.
 */
export const makeHandOver = ({
  transcript,
  changes,
  clock,
  notice,
  toIncoming,
}: {
  readonly transcript: LocalTranscript;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly notice: Notice;
  readonly toIncoming: (message: TranscriptMessage) => IncomingMessage;
}) => {
  let inlet: Inlet | undefined;
  let unsubscribe = (): void => undefined;
  let mayHaveMore = false;
  /** Handed over, and not settled yet. */
  const pending = new Map<string, Promise<void>>();

  const begin = (to: Inlet, message: TranscriptMessage): void => {
    const { chatId, messageId } = message;
    const key = keyOf(chatId, messageId);
    if (pending.has(key)) return;
    const settle = async (): Promise<void> => {
      try {
        await to.received(toIncoming(message));
        await transcript.markReceived(chatId, messageId);
      } catch (error) {
        if (inlet) notice('message-not-handed-over', { chatId, messageId, reason: reasonOf(error) });
      } finally {
        pending.delete(key);
        if (mayHaveMore && pending.size <= PAGE / 2) void now();
      }
    };
    pending.set(key, settle());
  };

  const now = makeSingleFlight(async () => {
    if (!inlet) return;
    try {
      const messages = await transcript.unreceived(PAGE);
      mayHaveMore = messages.length === PAGE;
      for (const message of messages) if (inlet) begin(inlet, message);
    } catch (error) {
      notice('lookup-failed', { reason: reasonOf(error) });
    }
  });

  return {
    /** Hands over that message, which is stored. Resolves when it is received, could not be, or takes too long. */
    stored: async (chatId: ChatId, messageId: MessageId): Promise<void> => {
      await now();
      const late = Promise.withResolvers<void>();
      const cancel = clock.after(PATIENCE_MS, late.resolve);
      await Promise.race([pending.get(keyOf(chatId, messageId)), late.promise]);
      cancel();
    },
    /** Hands over a message that is not kept for later. Rejects as the inlet does. */
    once: (message: IncomingMessage): Promise<void> => {
      if (!inlet) throw new PortError('unavailable', 'the local chat is not started', { retryable: true });
      return inlet.received(message);
    },
    /** Hands over a tap; resolves to words for the person, also where the inlet rejects. */
    tapped: async (tap: ButtonTap): Promise<string> => {
      if (!inlet) throw new PortError('unavailable', 'the bot that answers this chat is another process', { retryable: true });
      try {
        return beginningOf(await inlet.tapped(tap), MAX_TAP_WORDS);
      } catch (error) {
        notice('tap-failed', { chatId: tap.chatId, messageId: tap.messageId, reason: reasonOf(error) });
        return 'This did not work. Please tap again.';
      }
    },
    start: async (given: Inlet): Promise<void> => {
      if (inlet) throw new PortError('invalid-request', 'the local chat is started already', { retryable: false });
      inlet = given;
      unsubscribe = changes.subscribe(() => void now());
      await now();
    },
    /** Resolves when everything that was handed over has settled. */
    stop: async (): Promise<void> => {
      unsubscribe();
      inlet = undefined;
      await now();
      await Promise.all(pending.values());
    },
  };
};

const keyOf = (chatId: ChatId, messageId: MessageId): string => `${chatId} ${messageId}`;
