import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import type { ChatGateway } from '../../ports/chat-gateway.ts';
import type { Clock } from '../../ports/clock.ts';
import { isPortError } from '../../ports/port-error.ts';
import { withTimeout } from '../loops/timers.ts';

const TIMEOUT_MS = 60_000;

/** Makes a message of ours say that. False where it can't be changed, now or ever. Rejects as gateways do. */
export const editMessage = async (
  gateway: ChatGateway,
  clock: Clock,
  chatId: ChatId,
  messageId: MessageId,
  text: string,
): Promise<boolean> => {
  try {
    const editing = gateway.edit?.(chatId, messageId, text) ?? Promise.resolve(false);
    return await withTimeout(clock, TIMEOUT_MS, editing, `the edit did not end within ${TIMEOUT_MS / 1000} s`);
  } catch (error) {
    if (isPortError(error) && ['invalid-request', 'not-found'].includes(error.code)) return false;
    throw error;
  }
};
