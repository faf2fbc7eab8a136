import type { DeadManSwitch } from '../../ports/alert-channel.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import { callWithin } from '../loops/call-within.ts';

const EVERY_MS = 60_000;
const LIMIT_MS = 20_000;

export interface DeadManPings {
  /** The rules were read and alerts can leave: pings, once a minute. */
  alive(): void;
  /** Resolves when no ping is under way. */
  idle(): Promise<void>;
  /** Aborts the ping that is under way, and resolves when it has ended. */
  stop(): Promise<void>;
}

export const makeDeadManPings = (deps: {
  readonly deadMan: DeadManSwitch | undefined;
  readonly clock: Clock;
  readonly events: Events;
  readonly redact: Redact;
}): DeadManPings => {
  const { deadMan, clock, events, redact } = deps;
  const stopping = new AbortController();
  let pingedAt: number | undefined;
  let failures = 0;
  let current: Promise<void> | undefined;

  const ping = async (switchOutside: DeadManSwitch): Promise<void> => {
    try {
      await callWithin(clock, LIMIT_MS, (signal) => switchOutside.ping(signal), { stopping: stopping.signal });
      failures = 0;
    } catch (error) {
      if (stopping.signal.aborted) return;
      failures++;
      // It is tried at the next look.
      pingedAt = undefined;
      events.emit({ type: 'dead-man-not-pinged', failures, reason: redact(reasonOf(error)) });
    }
  };

  return {
    alive: () => {
      const now = clock.now();
      const isDue = pingedAt === undefined || now < pingedAt || now - pingedAt >= EVERY_MS;
      if (!deadMan || current || !isDue || stopping.signal.aborted) return;
      pingedAt = now;
      current = ping(deadMan).finally(() => {
        current = undefined;
      });
    },
    idle: async () => current,
    stop: async () => {
      stopping.abort();
      await current;
    },
  };
};
