const UNITS_MS = [7 * 24 * 3_600_000, 24 * 3_600_000, 3_600_000, 60_000, 1_000] as const;

/** `1w`, `7d`, `12h`, `90m`, `90s`, or several of them, the longest first: `1h30m`. */
const SHORT = /^(?=\d)(?:(\d{1,6})w ?)?(?:(\d{1,6})d ?)?(?:(\d{1,6})h ?)?(?:(\d{1,6})m ?)?(?:(\d{1,8})s)?$/i;
/** ISO 8601 without years and months, which are no fixed spans. */
const ISO = /^P(?=.)(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?$/i;

/** Reads a span of time as ms: `90m`, `1h30m`, `7d`, or ISO 8601 (`PT90M`, `P2D`). Undefined when it is none. */
export const readSpan = (text: string): number | undefined => {
  const match = SHORT.exec(text.trim()) ?? ISO.exec(text.trim());
  return match ? UNITS_MS.reduce((sum, unit, at) => sum + Number(match[at + 1] ?? 0) * unit, 0) : undefined;
};

/** The forms in which a span may be written, for a message that says so. */
export const SPAN_FORMS = '90s, 90m, 12h, 7d, 1w, 1h30m or PT90M';
