/** How long the idempotency key of a request is known. */
export const KEY_RETENTION_MS = 24 * 60 * 60_000;
/** Of more keys than these, the oldest go. */
export const MAX_KEYS = 100_000;
