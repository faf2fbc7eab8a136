import { MAX_LOOK_GAP_MS } from './evaluate.ts';

/** A time in which each look found the same. In ms since 1970. */
export interface AvailabilitySpan {
  readonly from: number;
  readonly to: number;
  /** Whether people could be answered. */
  readonly up: boolean;
}

/** More changes than this within the longest window are more than anybody counts. */
const MAX_SPANS = 200;
const MAX_AGE_MS = 8 * 24 * 60 * 60_000;
/** A process that ends without a stop may have looked for so long behind what it has stored. */
const MAX_UNNOTED_MS = 2 * MAX_LOOK_GAP_MS;
/** A shorter time says nothing: at a start, a few seconds would be half of it. */
const LEAST_LOOKED_AT_MS = 10 * 60_000;

/** The spans with one more look. Between looks that are far apart, nobody knows. */
export const noteAvailability = (spans: readonly AvailabilitySpan[], at: number, up: boolean): readonly AvailabilitySpan[] => {
  // What lies ahead was noted before the clock was put back.
  const past = spans.filter(({ from, to }) => from <= at && to > at - MAX_AGE_MS).map((span) => ({ ...span, to: Math.min(span.to, at) }));
  const last = past.at(-1);
  if (!last || at - last.to > MAX_LOOK_GAP_MS) return [...past, { from: at, to: at, up }].slice(-MAX_SPANS);
  // The time up to this look counts as the look before it.
  const extended = [...past.slice(0, -1), { ...last, to: at }];
  return last.up === up ? extended : [...extended, { from: at, to: at, up }].slice(-MAX_SPANS);
};

/**
 * The spans with a time in which Kept itself was down: nobody could be answered. A last look shortly before it counts
 * up to there.
 */
export const noteDownTime = (spans: readonly AvailabilitySpan[], from: number, to: number): readonly AvailabilitySpan[] => {
  const begun = Math.max(from, to - MAX_AGE_MS);
  if (begun >= to) return spans;
  const last = spans.at(-1);
  const isNear = last !== undefined && begun >= last.to && begun - last.to <= MAX_UNNOTED_MS;
  const before = isNear ? [...spans.slice(0, -1), { ...last, to: begun }] : spans.filter((span) => span.to <= begun);
  return [...before, { from: begun, to, up: false }].slice(-MAX_SPANS);
};

/** The share of the time up to now in which people could be answered. Undefined: too little of it was looked at. */
export const availabilityIn = (spans: readonly AvailabilitySpan[], windowMs: number, now: number): number | undefined => {
  let [up, all] = [0, 0];
  for (const span of spans) {
    const lasted = Math.min(span.to, now) - Math.max(span.from, now - windowMs);
    if (lasted <= 0) continue;
    all += lasted;
    if (span.up) up += lasted;
  }
  return all < Math.min(windowMs, LEAST_LOOKED_AT_MS) ? undefined : up / all;
};

/** Spans out of what was stored; what is none is left out. */
export const readSpans = (stored: unknown): readonly AvailabilitySpan[] =>
  Array.isArray(stored)
    ? stored.flatMap((each: unknown) => {
        const { from, to, up } = (typeof each === 'object' && each !== null ? each : {}) as Partial<Record<string, unknown>>;
        return typeof from === 'number' && typeof to === 'number' && typeof up === 'boolean' && from <= to ? [{ from, to, up }] : [];
      })
    : [];
