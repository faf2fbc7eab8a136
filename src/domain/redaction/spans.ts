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

/** The text from `start` to `end`, with every span that reaches into it replaced. The spans are in order, none over another. */
export const withoutSpans = (text: string, spans: readonly Span[], start = 0, end = text.length): string => {
  let shown = '';
  let at = start;
  for (const span of spans) {
    if (span.end <= start || span.start >= end) continue;
    shown += text.slice(at, Math.max(at, span.start)) + REDACTED;
    at = Math.min(span.end, end);
  }
  return at === start && shown === '' ? text.slice(start, end) : shown + text.slice(at, end);
};
