import { Api } from 'telegram/tl/index.js';
import { type FormattedText, isVisible, withRange } from './formatted-text.ts';

/**
 * The most that one message holds (https://core.telegram.org/api/config#message-length-max), in code points; UTF-16
 * units are never fewer.
 */
export const MAX_TEXT_LENGTH = 4_096;
/** Telegram drops the entities of one message past this many (https://core.telegram.org/api/entities). */
export const MAX_ENTITIES = 100;

/**
 * Where a text may be cut, best first. Each is tried in the last three quarters of what fits, so that no cut leaves
 * scraps. A cut falls at the start of the match.
 */
const BREAKS: readonly RegExp[] = [/\n[^\S\n]*\n/g, /\n/g, /(?<=[.!?…]["'”’)\]]?)\s|(?<=[。！？])/gu, /\s/g];
const FULL_ENOUGH = 1 / 4;

/**
 * The text as messages of at most `limit` UTF-16 units (2 or more) and `MAX_ENTITIES` entities: cut at paragraphs, else
 * at lines, sentences, words, else between graphemes. A code block stays whole where it fits one message; else it is
 * cut at a line and goes on as code. The messages together hold the whole text but for white space at the cuts; none is
 * blank, and a blank text gives none. After `maxParts` of them the rest is left out.
 */
export const splitText = (
  { text, entities }: FormattedText,
  limit: number = MAX_TEXT_LENGTH,
  maxParts = Number.POSITIVE_INFINITY,
): FormattedText[] => {
  const sorted = entities.toSorted((a, b) => a.offset - b.offset || b.length - a.length);
  const codes = sorted.filter((entity) => entity instanceof Api.MessageEntityPre);
  const source = { text, codes, limit };
  const parts: FormattedText[] = [];
  // The entities that reach into what is left, and the first that begins behind it: those before are done with.
  let open: readonly Api.TypeMessageEntity[] = [];
  let next = 0;
  const moveOn = (from: number, end: number): void => {
    const first = next;
    next = firstFrom(sorted, end);
    open = [...open, ...sorted.slice(first, next)].filter((entity) => endOf(entity) > from);
  };
  for (let from = nextStart(source, 0); from < text.length && parts.length < maxParts; ) {
    moveOn(from, from);
    const cut = cutAfter(source, from, open[MAX_ENTITIES] ?? sorted[next + MAX_ENTITIES - open.length]);
    moveOn(from, cut);
    const part = partOf(text, open, from, cut);
    if (isVisible(part.text)) parts.push(part);
    from = nextStart(source, cut);
  }
  return parts;
};

interface Source {
  readonly text: string;
  /** Code blocks, in order; none reaches into another. */
  readonly codes: readonly Api.TypeMessageEntity[];
  readonly limit: number;
}

const endOf = ({ offset, length }: Api.TypeMessageEntity): number => offset + length;
const codeAround = ({ codes }: Source, at: number): Api.TypeMessageEntity | undefined => {
  const code = codes[firstFrom(codes, at) - 1];
  return code && at < endOf(code) ? code : undefined;
};

/** The index of the first that begins there or later. */
const firstFrom = (sorted: readonly Api.TypeMessageEntity[], at: number): number => {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as Api.TypeMessageEntity).offset < at) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Where the message after a cut begins: past the white space, but not past the indentation of code. */
const nextStart = (source: Source, cut: number): number => {
  const { text, codes } = source;
  if (codeAround(source, cut)) return cut + lengthOf(BLANK_LINES.exec(text.slice(cut)));
  const start = cut + lengthOf(BLANKS.exec(text.slice(cut)));
  return Math.min(start, codes[firstFrom(codes, cut)]?.offset ?? start);
};

const partOf = (text: string, entities: readonly Api.TypeMessageEntity[], from: number, cut: number): FormattedText => {
  const kept = text.slice(from, cut).trimEnd();
  const end = from + kept.length;
  const within = entities.flatMap((entity) => {
    const start = Math.max(entity.offset, from);
    const stop = Math.min(endOf(entity), end);
    return start < stop && isVisible(text.slice(start, stop)) ? [withRange(entity, start - from, stop - start)] : [];
  });
  return { text: kept, entities: within.slice(0, MAX_ENTITIES) };
};

/**
 * The end of the message that begins at `from`; always past it. `excess` is the first entity that has no place in it.
 */
const cutAfter = (source: Source, from: number, excess: Api.TypeMessageEntity | undefined): number => {
  const { text, limit } = source;
  const max = Math.min(from + limit, excess && excess.offset > from ? excess.offset : text.length);
  if (max >= text.length) return text.length;

  const crossing = codeAround(source, max);
  if (crossing && crossing.offset > from && crossing.length <= limit) return crossing.offset;
  const graphemes = segmenter.segment(text.slice(from, max + GRAPHEME_CONTEXT));
  for (const pattern of BREAKS) {
    const cuts = Array.from(text.slice(from, max + 2).matchAll(pattern), ({ index }) => index);
    const cut = cuts.findLast((at) => {
      if (at > max - from || at < Math.max(1, (max - from) * FULL_ENOUGH)) return false;
      const code = codeAround(source, from + at);
      return (!code || code.length > limit) && isBlankGrapheme(graphemes.containing(at), at);
    });
    if (cut !== undefined) return from + cut;
  }
  const last = graphemes.containing(max - from);
  if (last && last.index > 0) return from + last.index;
  return isLowSurrogate(text, max) ? (max - 1 > from ? max - 1 : max + 1) : max;
};

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** How much of what follows a cut is looked at to see whether it falls into a grapheme. */
const GRAPHEME_CONTEXT = 64;

/** A blank that carries an accent is no blank, and a cut in front of it would leave the accent alone. */
const isBlankGrapheme = (grapheme: Intl.SegmentData | undefined, at: number): boolean =>
  grapheme?.index === at && (grapheme.segment.trim() === '' || !/^\s/.test(grapheme.segment));
const BLANKS = /^\s*(?![\p{M}\p{Cf}])/u;
const BLANK_LINES = /^(?:[^\S\n]*\n)*/;

const lengthOf = (match: RegExpExecArray | null): number => match?.[0].length ?? 0;
const isLowSurrogate = (text: string, at: number): boolean => /^[\udc00-\udfff]/.test(text.slice(at, at + 1));
