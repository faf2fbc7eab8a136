import type { ChatId } from '../../domain/chat/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { PortError } from '../../ports/port-error.ts';
import type { KeyValueState } from '../../ports/storage/key-value-state.ts';

/** What goes to people, most important first: while a lane waits, calls in the lanes behind it are dropped. */
export const LANES = ['answers', 'approvals', 'progress', 'typing'] as const;
export type Lane = (typeof LANES)[number];

/** The wait after a rate limit that names no time. */
const DEFAULT_WAIT_MS = 30_000;
const PREFIX = 'penalty:';

/** How long each platform asked to wait. It is stored, so that a restart waits as well. */
export interface FloodWaits {
  /** When the lane may be used for that chat again, in ms since 1970; undefined: now. */
  until(gateway: string, lane: Lane, chatId: ChatId): Promise<number | undefined>;
  /** Takes a `rate-limited` failure at its word: for the lane, or for that chat in it when its scope is the chat. */
  record(gateway: string, lane: Lane, chatId: ChatId, error: PortError): Promise<void>;
}

export const makeFloodWaits = (deps: {
  readonly state: (owner: string) => KeyValueState;
  readonly clock: Clock;
  readonly events: Events;
}): FloodWaits => {
  const { clock } = deps;
  const loaded = new Map<string, Promise<Map<string, number>>>();

  const endsOf = (gateway: string): Promise<Map<string, number>> => {
    const known = loaded.get(gateway);
    if (known) return known;
    const loading = read(gateway);
    loaded.set(gateway, loading);
    loading.catch(() => loaded.delete(gateway));
    return loading;
  };
  const read = async (gateway: string): Promise<Map<string, number>> => {
    const stored = await deps.state(`outbox:${gateway}`).list(PREFIX);
    return new Map(Array.from(stored, ([key, end]) => [key, Number(end)]));
  };

  return {
    until: async (gateway, lane, chatId) => {
      const ends = await endsOf(gateway);
      const before = LANES.slice(0, LANES.indexOf(lane) + 1);
      const known = before.flatMap((each) => [ends.get(keyOf(each)) ?? 0, ends.get(keyOf(each, chatId)) ?? 0]);
      const end = Math.max(...known);
      return end > clock.now() ? end : undefined;
    },
    record: async (gateway, lane, chatId, error) => {
      const ends = await endsOf(gateway);
      const key = error.scope === 'chat' ? keyOf(lane, chatId) : keyOf(lane);
      const waitMs = error.retryAfterMs ?? DEFAULT_WAIT_MS;
      const [now, before] = [clock.now(), ends.get(key) ?? 0];
      const end = Math.max(before, now + waitMs);
      const over = Array.from(ends).flatMap(([each, at]) => (at <= now ? [each] : []));
      for (const each of over) ends.delete(each);
      ends.set(key, end);
      if (before <= now)
        deps.events.emit({
          type: 'gateway-rate-limited',
          gateway,
          lane,
          seconds: Math.ceil(waitMs / 1_000),
          ...(error.scope === 'chat' ? { chatId } : {}),
          reason: error.message,
        });
      await deps.state(`outbox:${gateway}`).set(new Map([...over.map((each) => [each, undefined] as const), [key, String(end)]]));
    },
  };
};

/**
 * How much longer the platform of that gateway asks to wait with everything, in ms; 0 if it does not. What holds in one
 * chat alone does not count.
 */
export const floodWaitIn = async (state: (owner: string) => KeyValueState, gateway: string, now: number): Promise<number> => {
  const stored = await state(`outbox:${gateway}`).list(PREFIX);
  const ends = LANES.map((lane) => Number(stored.get(keyOf(lane)) ?? 0));
  return Math.max(0, ...ends.map((end) => end - now));
};

const keyOf = (lane: Lane, chatId?: ChatId): string => `${PREFIX}${lane}${chatId === undefined ? '' : `:${chatId}`}`;
