/**
 * How much of a file a model is shown, so that both makers take it: Anthropic takes 5 MB of base64 a picture (3.75 MB
 * of bytes), 8,000 pixels a side (2,000 where there are more than 20 pictures), 100 pages of PDFs and 32 MB a request
 * (https://platform.claude.com/docs/en/build-with-claude/vision, …/pdf-support); OpenAI takes 50 MB a request
 * (https://platform.openai.com/docs/guides/pdf-files).
 */
export const MAX_PICTURE_BYTES = 3_500_000;
export const MAX_PICTURE_SIDE = 8_000;
export const MAX_PDF_BYTES = 10_000_000;
export const MAX_PDF_PAGES = 100;
export const MAX_TEXT_BYTES = 100_000;
/**
 * Of all files of a request, and of its PDFs MAX_PDF_PAGES together: in base64 they are 20 MB, and never more than 20
 * pictures.
 */
export const MAX_SHOWN_FILES = 20;
export const MAX_SHOWN_BYTES = 15_000_000;
/** Of the files of all turns, or of all promises, at one time: others wait until some have ended. */
export const MAX_HELD_BYTES = 4 * MAX_SHOWN_BYTES;
/** So many files of earlier messages are shown, and up to so many more… */
const EARLIER_FILES = 4;
/** …as the first shown one moves on by so many at once. */
const SPACING = 4;

/** Why a model is not shown a file. */
export type NotShown =
  | { readonly reason: 'earlier' | 'too-many' | 'busy' | 'gone' | 'unreadable' | 'other-kind' | 'damaged' | 'locked' }
  | { readonly reason: 'too-large'; readonly bytes: number; readonly most: number }
  | { readonly reason: 'too-wide'; readonly width: number; readonly height: number }
  | { readonly reason: 'too-many-pages'; readonly pages: number };

/** A file of a conversation, before it is read. */
export interface SizedFile {
  readonly bytes: number;
  /** By the rough count. */
  readonly tokens: number;
  /** Of a PDF, where they are known. */
  readonly pages?: number;
}

/**
 * The first of the files of a conversation that is shown, by its place among all of them; `asked` is the place of the
 * first one that is asked about now. The newest five to eight files are shown, and all that are asked about, at most
 * MAX_SHOWN_FILES. The place of the first one is a multiple of four where that leaves room, so that it stays the same
 * for some files, and models go on from what they have cached.
 */
export const firstShown = (count: number, asked: number): number => {
  const first = onLandmark(count - EARLIER_FILES - SPACING);
  const earlier = Math.min(first, Math.floor(asked / SPACING) * SPACING);
  return Math.max(earlier, count - MAX_SHOWN_FILES);
};

const onLandmark = (place: number): number => Math.max(0, Math.ceil(place / SPACING) * SPACING);

/**
 * The first of these files that is shown, where those of earlier messages may have so many tokens, and all of them only
 * so many bytes and pages. `from` is the place of the first file in the conversation: what is left out ends at a
 * landmark.
 */
export const firstWithin = (files: readonly SizedFile[], from: number, asked: number, maxEarlierTokens: number): number => {
  const fits = (first: number): boolean => {
    const shown = files.slice(first - from);
    const earlier = shown.slice(0, Math.max(0, asked - first));
    if (sum(shown, ({ bytes }) => bytes) > MAX_SHOWN_BYTES || sum(shown, ({ pages = 0 }) => pages) > MAX_PDF_PAGES) return false;
    return sum(earlier, ({ tokens }) => tokens) <= maxEarlierTokens;
  };
  let first = from;
  while (first < from + files.length && !fits(first)) {
    const next = Math.floor(first / SPACING) * SPACING + SPACING;
    // What is asked about is left out file by file, the first one first.
    first = next <= asked ? next : first < asked ? asked : first + 1;
  }
  return first;
};

const sum = (files: readonly SizedFile[], of: (file: SizedFile) => number): number => files.reduce((total, file) => total + of(file), 0);

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1).replace(/\.0$/, '')} MB`;
const number = (value: number): string => value.toLocaleString('en-US');

/** Why a model is not shown a file, in words for it. */
export const notShownInWords = (why: NotShown): string => {
  switch (why.reason) {
    case 'earlier':
      return 'it came earlier, and only the newest files are shown; a reply to its message shows it again';
    case 'too-many':
      return 'too many files came together';
    case 'busy':
      return 'too many files of others are looked at just now; it can be shown later, with a reply to its message';
    case 'gone':
      return 'it is not there any more';
    case 'unreadable':
      return "it can't be read";
    case 'other-kind':
      return 'it is no picture (JPEG, PNG, GIF, WebP), no PDF and no text';
    case 'damaged':
      return 'it is damaged';
    case 'locked':
      return 'it is locked with a password';
    case 'too-large':
      return `it has ${megabytes(why.bytes)}, and ${megabytes(why.most)} are the most`;
    case 'too-wide':
      return `it has ${number(why.width)} × ${number(why.height)} pixels, and ${number(MAX_PICTURE_SIDE)} a side are the most`;
    case 'too-many-pages':
      return `it has ${number(why.pages)} pages, and ${MAX_PDF_PAGES} are the most`;
  }
};
