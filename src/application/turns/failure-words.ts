import { clockTime } from '../../domain/shared/time.ts';
import { isPortError, reasonFor } from '../../ports/port-error.ts';
import { MAX_COOLDOWN_MS } from '../models/cooldowns.ts';

/** A time to try again is named only if it is further off than this. */
const SOON_MS = 60_000;

export interface FailureWords {
  readonly text: string;
  /** True if the conversation keeps the question. If not, the next request would be refused like this one. */
  readonly mayBeAskedAgain: boolean;
}

/** What a chat is told of a failed turn: why it failed, and what helps. */
export const failureWords = (
  error: unknown,
  {
    reader,
    now,
    timeZone = 'UTC',
  }: { readonly reader: 'operator' | 'anybody'; readonly now: number; readonly timeZone?: string | undefined },
): FailureWords => {
  const { advice, mayBeAskedAgain } = adviceOn(error, now, timeZone);
  return { text: `I could not answer this: ${reasonFor(error, reader)}\nNothing was changed. ${advice}`, mayBeAskedAgain };
};

const adviceOn = (error: unknown, now: number, timeZone: string): { readonly advice: string; readonly mayBeAskedAgain: boolean } => {
  if (!isPortError(error)) return { advice: OPERATOR, mayBeAskedAgain: true };
  const { code, retryable, retryAfterMs = 0 } = error;
  if (code === 'over-budget') return { advice: 'Please send it again once there is room.', mayBeAskedAgain: true };
  if (code === 'too-long')
    return {
      advice: 'It is too long for the model, even without what was said before. Please send it in smaller parts, or begin anew with /new.',
      mayBeAskedAgain: false,
    };
  if (retryable && retryAfterMs > SOON_MS) {
    // To the minute, and not before it.
    const at = clockTime(now + Math.min(retryAfterMs, MAX_COOLDOWN_MS) + SOON_MS, timeZone);
    return { advice: `Please send it again after ${at} (${timeZone}); before then nobody is there to answer it.`, mayBeAskedAgain: true };
  }
  if (retryable) return { advice: 'Please send it again later.', mayBeAskedAgain: true };
  if (code === 'invalid-request')
    return {
      advice: 'Sending it again as it is will not help. If everything is refused here, begin anew with /new.',
      mayBeAskedAgain: false,
    };
  return { advice: OPERATOR, mayBeAskedAgain: true };
};

const OPERATOR = 'Sending it again will not help until whoever runs me has looked into it.';
