import type { IncomingMessage } from '../../domain/message/message.ts';
import { answeredNonces, pingedNonce } from '../../domain/message/self-ping.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { SelfPingChannel } from '../../ports/self-ping-channel.ts';
import { withTimeout } from '../loops/timers.ts';

export interface SelfPing {
  /**
   * Sends a ping by the road that every message takes and waits for its answer. Resolves to the round trip in ms;
   * rejects with PortError `timeout`.
   */
  ping(timeoutMs: number): Promise<number>;
  /** Whether this message is a ping of ours that still waits for its answer: the only own message that is let in. */
  isOutstanding(message: IncomingMessage): boolean;
}

export const makeSelfPing = (deps: {
  readonly channel: SelfPingChannel;
  readonly clock: Clock;
  readonly randomness: Randomness;
}): SelfPing => {
  const outstanding = new Set<string>();
  return {
    async ping(timeoutMs) {
      const nonce = deps.randomness.id();
      const startedAt = deps.clock.now();
      outstanding.add(nonce);
      const { promise: answered, resolve } = Promise.withResolvers<void>();
      const unsubscribe = deps.channel.onReply((text) => {
        if (answeredNonces(text).includes(nonce)) resolve();
      });
      const roundTrip = Promise.all([answered, deps.channel.ping(nonce)]);
      try {
        await withTimeout(deps.clock, timeoutMs, roundTrip, `no answer to the self-ping within ${timeoutMs} ms`);
        return deps.clock.now() - startedAt;
      } finally {
        outstanding.delete(nonce);
        unsubscribe();
      }
    },
    isOutstanding: ({ text }) => {
      const nonce = pingedNonce(text);
      return nonce !== undefined && outstanding.has(nonce);
    },
  };
};
