import type { IncomingMessage } from '../../domain/index.ts';
import {
  type ChangeFeed,
  type GatewayInlet,
  type LocalTranscript,
  type Logger,
  PortError,
  reasonOf,
  type TranscriptMessage,
} from '../../ports/index.ts';
import { makeSingleFlight } from './single-flight.ts';

const PAGE = 200;

/**
 * Brings unreceived messages to the receiver: in order within a chat, again after a failure, whichever process stored
 * them.
 */
export const makeHandOver = ({
  transcript,
  changes,
  logger,
  toIncoming,
}: {
  readonly transcript: LocalTranscript;
  readonly changes: ChangeFeed;
  readonly logger: Logger;
  readonly toIncoming: (message: TranscriptMessage) => IncomingMessage;
}) => {
  let inlet: Pick<GatewayInlet, 'received'> | undefined;
  let unsubscribe = (): void => undefined;

  /** The rest of a chat waits behind a message that failed, so that none overtakes it. */
  const handOverChat = async (messages: readonly TranscriptMessage[]): Promise<boolean> => {
    for (const message of messages) {
      if (!inlet) return false;
      try {
        await inlet.received(toIncoming(message));
        await transcript.markReceived(message.chatId, message.messageId);
      } catch (error) {
        const { chatId, messageId } = message;
        logger.warn({ chatId, messageId, reason: reasonOf(error) }, 'a local message could not be handed over; it will be again');
        return false;
      }
    }
    return true;
  };

  const drain = async (): Promise<void> => {
    for (let more = true; more && inlet; ) {
      const messages = await transcript.unreceived(PAGE);
      const chats = Map.groupBy(messages, ({ chatId }) => chatId);
      const done = await Promise.all([...chats.values()].map(handOverChat));
      more = messages.length === PAGE && done.includes(true);
    }
  };

  const now = makeSingleFlight(async () => {
    try {
      await drain();
    } catch (error) {
      logger.warn({ reason: reasonOf(error) }, 'local messages could not be looked up; they will be again');
    }
  });

  return {
    now,
    one: (message: IncomingMessage): Promise<void> => {
      if (!inlet) throw new PortError('unavailable', 'the local chat is not started', { retryable: true });
      return inlet.received(message);
    },
    start: async (given: Pick<GatewayInlet, 'received'>): Promise<void> => {
      if (inlet) throw new PortError('invalid-request', 'the local chat is started already', { retryable: false });
      inlet = given;
      unsubscribe = changes.subscribe(() => void now());
      await now();
    },
    /** Resolves when the hand-over under way has ended. */
    stop: async (): Promise<void> => {
      unsubscribe();
      inlet = undefined;
      await now();
    },
  };
};
