/** A part of a text that is secret, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export const REDACTED = '[redacted]';

/** In order, and none touching another. */
export const merged = (spans: readonly Span[]): Span[] => {
  const ordered = [...spans].sort((a, b) => a.start - b.start);
  const whole: { start: number; end: number }[] = [];
  for (const { start, end } of ordered) {
    const last = whole.at(-1);
    if (last && start < last.end) last.end = Math.max(last.end, end);
    else whole.push({ start, end });
  }
  return whole;
};

interface Part {
  readonly start?: number;
  readonly end?: number;
}
const redactedAs = (): string => REDACTED;

/**
 * The text, or a part of it, with every span that reaches into it replaced. The spans are in order, none over another.
 */
export const withoutSpans = (
  text: string,
  spans: readonly Span[],
  replacement: (secret: string) => string = redactedAs,
  { start = 0, end = text.length }: Part = {},
): string => {
  let shown = '';
  let at = start;
  for (const span of spans) {
    if (span.end <= start || span.start >= end) continue;
    shown += text.slice(at, Math.max(at, span.start)) + replacement(text.slice(span.start, span.end));
    at = Math.min(span.end, end);
  }
  return shown + text.slice(at, end);
};
