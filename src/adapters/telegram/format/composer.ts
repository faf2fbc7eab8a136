import { inReadingOrder } from './direction.ts';
import { type FormattedText, isVisible, type Span, type Style, toEntity } from './formatted-text.ts';

/** Puts a formatted text together, piece by piece. */
export interface Composer {
  /** How much text there is. */
  length(): number;
  write(text: string): void;
  /**
   * What is written next stands at least this many line ends below what was written last. Nothing happens at the start
   * or the end of a text.
   */
  breakLines(count: number): void;
  /** Everything written until the returned function is called is in this style. */
  begin(style: Style): () => void;
  finish(): FormattedText;
}

export const makeComposer = (): Composer => {
  // Pieces, put together once: to look at the end of a text that grows, its parts would be joined anew each time.
  const pieces: string[] = [];
  let length = 0;
  let lineEnds = 0;
  let pendingBreak = 0;
  const spans: Span[] = [];

  const add = (piece: string): void => {
    pieces.push(piece);
    length += piece.length;
    const standing = lineEndsBehind(piece);
    lineEnds = standing === piece.length ? lineEnds + standing : standing;
  };
  const settleBreak = (): void => {
    const missing = pendingBreak - lineEnds;
    if (length > 0 && missing > 0) add('\n'.repeat(missing));
    pendingBreak = 0;
  };

  return {
    length: () => length,
    write(written) {
      const piece = inReadingOrder(written);
      if (piece === '') return;
      settleBreak();
      add(piece);
    },
    breakLines(count) {
      pendingBreak = Math.max(pendingBreak, count);
    },
    begin(style) {
      settleBreak();
      const start = length;
      return () => {
        spans.push({ style, start, end: length });
      };
    },
    finish: () => tidy(pieces.join(''), spans),
  };
};

const lineEndsBehind = (piece: string): number => {
  let count = 0;
  while (count < piece.length && piece[piece.length - 1 - count] === '\n') count++;
  return count;
};

/** Without white space around the text and around each span; spans as Telegram allows them to overlap. */
const tidy = (text: string, spans: readonly Span[]): FormattedText => {
  // The indentation of a code block belongs to it.
  const firstCode = spans.find(({ style }) => style.kind === 'pre')?.start ?? text.length;
  const from = Math.min(firstCode, text.length - text.trimStart().length);
  const kept = text.slice(from).trimEnd();
  const entities = disentangle(spans)
    .map((span) => trimSpan({ ...span, start: span.start - from, end: span.end - from }, kept))
    .filter(({ start, end }) => start < end && isVisible(kept.slice(start, end)))
    .toSorted((a, b) => a.start - b.start || b.end - a.end)
    .map(toEntity);
  return { text: kept, entities };
};

const trimSpan = (span: Span, text: string): Span => {
  const start = Math.max(0, span.start);
  const end = Math.max(start, Math.min(text.length, span.end));
  const inside = text.slice(start, end);
  // A quote may begin with code, and with its indentation.
  const lead = span.style.kind === 'pre' || span.style.kind === 'quote' ? 0 : inside.length - inside.trimStart().length;
  return { ...span, start: start + lead, end: start + inside.trimEnd().length };
};

/**
 * Telegram's rules (https://core.telegram.org/api/entities#entity-nesting): no style holds itself, and nothing but a
 * quote holds or crosses code. Links and code are taken as they come; the composer's caller never nests one in the
 * other.
 */
const disentangle = (spans: readonly Span[]): Span[] => {
  const ofKinds = (...kinds: readonly Style['kind'][]): Span[] =>
    spans.filter(({ style }) => kinds.includes(style.kind)).toSorted((a, b) => a.start - b.start);
  const code = ofKinds('code', 'pre');
  const crossing = (['bold', 'italic', 'strike', 'spoiler'] as const).flatMap((kind) => without(merge(ofKinds(kind)), code));
  // What may hold the others comes first where several begin together.
  return [...merge(ofKinds('quote')), ...ofKinds('link'), ...crossing, ...code];
};

/** Sorted spans of one style, those that touch or overlap made into one. */
const merge = (sorted: readonly Span[]): Span[] => {
  const merged: Span[] = [];
  for (const span of sorted) {
    const last = merged.at(-1);
    if (last && span.start <= last.end) merged[merged.length - 1] = { ...last, end: Math.max(last.end, span.end) };
    else merged.push(span);
  }
  return merged;
};

/** Sorted, disjoint spans, less the sorted, disjoint holes. */
const without = (spans: readonly Span[], holes: readonly Span[]): Span[] => {
  const left: Span[] = [];
  let first = 0;
  for (const span of spans) {
    let start = span.start;
    while (first < holes.length && (holes[first] as Span).end <= span.start) first++;
    for (let i = first; i < holes.length && (holes[i] as Span).start < span.end; i++) {
      const hole = holes[i] as Span;
      left.push({ ...span, start, end: hole.start });
      start = hole.end;
    }
    left.push({ ...span, start, end: span.end });
  }
  return left.filter(({ start, end }) => start < end);
};
