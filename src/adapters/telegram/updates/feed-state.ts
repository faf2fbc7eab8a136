import { QUIET_MS } from './silence.ts';

/** What the feed knows of its connection. Pure: a table of events. */
export interface FeedState {
  /** When something came in last, or the connection was opened. */
  readonly heardAt: number;
  /** Nobody knows what is missing: updates wait until what was missed is fetched. */
  readonly isLost: boolean;
  /** Every channel is asked once the account is up to date. */
  readonly isRoundDue: boolean;
}

/**
 * `pushed`: updates came in. `compared`: the account's true state is known. `up-to-date`: the account's difference
 * is fetched.
 */
export type FeedEvent = 'connected' | 'lost' | 'pushed' | 'compared' | 'up-to-date';

/**
 * `hold-updates`: none is taken before the connection is back. `ask-all-channels`: one by one, whether or not they
 * moved.
 */
export type FeedEffect = 'hold-updates' | 'ask-all-channels';

export const firstFeedState = (now: number): FeedState => ({ heardAt: now, isLost: true, isRoundDue: false });

export const nextFeedState = (
  state: FeedState,
  event: FeedEvent,
  now: number,
): { readonly state: FeedState; readonly effect?: FeedEffect } => {
  switch (event) {
    case 'connected':
      return { state: { heardAt: now, isLost: false, isRoundDue: true } };
    case 'lost':
      return { state: { ...state, isLost: true } };
    case 'pushed':
      return { state: { ...state, heardAt: now }, ...(state.isLost ? { effect: 'hold-updates' } : {}) };
    case 'compared':
      // https://core.telegram.org/api/updates#recovering-gaps: after a quarter of an hour without any update.
      return now - state.heardAt >= QUIET_MS ? { state: { ...state, heardAt: now }, effect: 'ask-all-channels' } : { state };
    case 'up-to-date':
      return state.isRoundDue ? { state: { ...state, isRoundDue: false }, effect: 'ask-all-channels' } : { state };
  }
};
