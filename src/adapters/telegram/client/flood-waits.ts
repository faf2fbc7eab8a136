import { portErrorOf } from './errors.ts';
import type { StoredSession } from './session.ts';
import type { TelegramBase } from './settings.ts';

/**
 * What Telegram may want nobody to ask for again before a time: that an account signs in, or that a connection opens.
 */
export type Door = 'login' | 'opening';

const keyOf = (door: Door): string => `${door}-flood-until`;

/** What an account has to pass: without a session, it signs in as well. */
export const doorsOf = (session: StoredSession | undefined): readonly Door[] => (session ? ['opening'] : ['opening', 'login']);

/**
 * Until when one of the doors is closed, in ms since 1970; outlives a restart. Undefined while all are open. Where the
 * clock was set back since, no longer than Telegram has asked for.
 */
export const closedUntil = async (
  { state, clock }: Pick<TelegramBase, 'state' | 'clock'>,
  doors: readonly Door[],
): Promise<number | undefined> => {
  const now = clock.now();
  const ends = await Promise.all(
    doors.map(async (door) => {
      const [end = 0, waitMs = Number.POSITIVE_INFINITY] = ((await state.get(keyOf(door))) ?? '0').split(' ').map(Number);
      return Math.min(end, now + waitMs);
    }),
  );
  const until = Math.max(...ends);
  return until > now ? until : undefined;
};

/** These waits are over. */
export const forgetWaits = ({ state }: Pick<TelegramBase, 'state'>, doors: readonly Door[]): Promise<void> =>
  state.set(new Map(doors.map((door) => [keyOf(door), undefined])));

/** Runs a step through that door. A flood wait is remembered with its end, so that nobody asks again before. */
export const heedFlood = async <T>(
  { state, clock }: Pick<TelegramBase, 'state' | 'clock'>,
  door: Door,
  step: () => Promise<T>,
): Promise<T> => {
  try {
    return await step();
  } catch (error) {
    const { code, retryAfterMs } = portErrorOf(error);
    if (code === 'rate-limited' && retryAfterMs !== undefined)
      await state.set(new Map([[keyOf(door), `${clock.now() + retryAfterMs} ${retryAfterMs}`]]));
    throw error;
  }
};
