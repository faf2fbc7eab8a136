import type { ChatId } from '../../domain/chat/ids.ts';
import type { ChatGateway } from '../../ports/chat-gateway.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError } from '../../ports/port-error.ts';
import type { KeyValueState } from '../../ports/storage/key-value-state.ts';
import { type Lane, makeFloodWaits } from './flood-waits.ts';
import { makeSendRates, type SendRates } from './send-rates.ts';

/**
 * When anything may go out through which gateway. Nothing waits in it: who is not admitted comes again, or drops what
 * it had.
 */
export interface SendLimiter {
  /**
   * Takes a place now, and resolves to undefined; or resolves to when one may be free, in ms since 1970. Rejects as
   * storage does.
   */
  tryAcquire(gateway: ChatGateway, lane: Lane, chatId: ChatId): Promise<number | undefined>;
  /**
   * Whether the failure is the other side's wish to be left alone, which is kept from here on where the rates don't
   * keep it anyway. Rejects as storage does.
   */
  recordRateLimit(gateway: ChatGateway, lane: Lane, chatId: ChatId, error: unknown): Promise<boolean>;
}

export const makeSendLimiter = (deps: {
  readonly state: (owner: string) => KeyValueState;
  readonly clock: Clock;
  readonly events: Events;
}): SendLimiter => {
  const floodWaits = makeFloodWaits(deps);
  const rates = new Map<string, SendRates>();
  const ratesOf = ({ name, limits }: ChatGateway): SendRates => {
    const known = rates.get(name) ?? makeSendRates(deps.clock, limits);
    rates.set(name, known);
    return known;
  };
  return {
    tryAcquire: async (gateway, lane, chatId) => {
      const waitUntil = await floodWaits.until(gateway.name, lane, chatId);
      if (waitUntil !== undefined || lane === 'typing') return waitUntil;
      const until = ratesOf(gateway).until(lane, chatId);
      if (until === undefined) ratesOf(gateway).take(lane, chatId);
      return until;
    },
    recordRateLimit: async (gateway, lane, chatId, error) => {
      if (!isPortError(error) || error.code !== 'rate-limited') return false;
      // Who was admitted has to wait for that long anyway.
      const { chatIntervalMs = 0 } = gateway.limits;
      if (error.scope === 'chat' && error.retryAfterMs !== undefined && error.retryAfterMs <= chatIntervalMs) return true;
      await floodWaits.record(gateway.name, lane, chatId, error);
      return true;
    },
  };
};
