/** The longest arguments that a person is asked about, in UTF-16 units of their JSON. */
export const MAX_ASKED_LENGTH = 20_000;
/** The most approvals of one chat that wait for a decision. */
export const MAX_OPEN_APPROVALS_PER_CHAT = 50;
/** The most standing approvals of one chat that hold at a time. */
export const MAX_STANDING_PER_CHAT = 50;
/** How long an approval waits for a decision, unless it is configured otherwise. */
export const DEFAULT_APPROVAL_MS = 24 * 60 * 60 * 1000;
/** A standing approval holds at most so long. */
export const MAX_STANDING_MS = 30 * 24 * 60 * 60 * 1000;
/** Whether a standing approval can be given for so long, in ms; `STANDING_SPANS` says how long that is. */
export const canStand = (ms: number): boolean => ms > 0 && ms <= MAX_STANDING_MS;
export const STANDING_SPANS = `a standing approval holds for longer than nothing, and for at most ${MAX_STANDING_MS / 86_400_000} days`;
/** What became of a call is kept in so many UTF-16 units. */
export const MAX_OUTCOME_LENGTH = 300;
