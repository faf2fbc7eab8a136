/** ISO 8601 in UTC, of ms since 1970. */
export const iso = (ms: number): string => new Date(ms).toISOString();
