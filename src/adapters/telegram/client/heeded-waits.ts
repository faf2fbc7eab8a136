import { type Clock, PortError } from '../../../ports/index.ts';
import { portErrorOf } from './errors.ts';
import type { Call } from './link.ts';

/** What writes a message heeds its own waits, message by message: the outbox sends it again when its time has come. */
const OUTBOX = new Set(['messages.SendMessage', 'messages.SendMedia', 'messages.SendMultiMedia', 'messages.EditMessage']);

/**
 * Telegram's FLOOD_WAIT is for the method: until its end, each further call of it is refused here, as it would only
 * make the wait longer. Such a refusal is a PortError `rate-limited` with what is left of the wait.
 */
export const heedWaits = (call: Call, clock: Clock): Call => {
  // The machine's clock may be set meanwhile.
  const elapsed = clock.elapsed ?? clock.now;
  const ends = new Map<string, number>();
  return async (request, timeoutMs) => {
    const method = request.className;
    const leftMs = (ends.get(method) ?? 0) - elapsed();
    if (leftMs > 0)
      throw new PortError('rate-limited', `Telegram: it asks to wait before the next ${method}, another ${Math.ceil(leftMs / 1000)} s`, {
        retryable: true,
        retryAfterMs: leftMs,
      });
    try {
      return await call(request, timeoutMs);
    } catch (error) {
      const { code, retryAfterMs = 0 } = portErrorOf(error);
      if (code === 'rate-limited' && !OUTBOX.has(method)) ends.set(method, elapsed() + retryAfterMs);
      throw error;
    }
  };
};
