/**
 * The keys of everything that the adapter keeps in its state. What is an account's own is forgotten when the state
 * becomes another account's.
 */

/** Whose state it is. */
export const ACCOUNT_KEY = 'account';

/** The place in the account's own stream of updates. */
export const PLACE = 'updates';
/** The places in the streams of supergroups. */
export const CHANNEL_PLACES = 'updates:';
export const PEER_PREFIX = 'peer:';
export const SENT_PREFIX = 'sent:';
export const BECAME_PREFIX = 'sent-as:';
export const PING_PREFIX = 'ping:';
export const MOVED_PREFIX = 'moved:';
/** Whether chains of replies in discussion groups start with a channel's post. */
export const CHAIN_PREFIX = 'chain:';

/** What another account cannot use; `PLACE` stands for `CHANNEL_PLACES`, too. */
export const OF_ONE_ACCOUNT = [PLACE, PEER_PREFIX, SENT_PREFIX, BECAME_PREFIX, PING_PREFIX, MOVED_PREFIX, CHAIN_PREFIX] as const;
