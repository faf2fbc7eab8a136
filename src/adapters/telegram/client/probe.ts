import { Api } from 'telegram/tl/index.js';
import { portErrorOf } from './errors.ts';
import type { Link } from './link.ts';
import type { TelegramBase } from './settings.ts';

/**
 * A connection may be open and dead, and what was pushed on it lost: it is asked now and then, and one that does not
 * answer is closed. Ends with the returned function. The client library's own ping asks nothing of the account, and so
 * finds neither a lost message that none follows nor numbers that were restarted.
 */
export const probe = ({ clock, timing, notice }: TelegramBase, link: Link, onState: (state: Api.updates.State) => void): (() => void) => {
  let ended = false;
  let cancel = (): void => undefined;
  const arm = (atLeastMs = 0): void => {
    if (!ended) cancel = clock.after(Math.max(timing.probeIntervalMs, atLeastMs), () => void ask());
  };
  const ask = async (): Promise<void> => {
    try {
      onState(await link.call(new Api.updates.GetState(), timing.probeTimeoutMs));
      arm();
    } catch (error) {
      if (ended) return;
      const failure = portErrorOf(error);
      if (failure.code === 'rate-limited') return arm(failure.retryAfterMs);
      notice('connection-silent', { reason: failure.message });
      await link.close('lost');
    }
  };
  arm();
  return () => {
    ended = true;
    cancel();
  };
};
