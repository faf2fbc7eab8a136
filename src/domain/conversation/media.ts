/** What a model can be shown as a picture. */
export type PictureType = 'image/jpeg' | 'image/png' | 'image/gif' | 'image/webp';

/**
 * A file that a person has sent, as a model is shown it beside the text. Never stored: it is read anew for each run.
 * The text says where the file is, so that a model that can't be shown it knows of it.
 */
export type Media =
  | {
      readonly kind: 'picture';
      /** Its path, as the text says it. */
      readonly name: string;
      readonly type: PictureType;
      readonly base64: string;
      /** In pixels. */
      readonly width?: number;
      readonly height?: number;
    }
  | {
      readonly kind: 'pdf';
      readonly name: string;
      readonly base64: string;
      /** Absent where they can't be counted without reading the whole of it. */
      readonly pages?: number;
    }
  | { readonly kind: 'text'; readonly name: string; readonly text: string };

/** One token for so many pixels, and no more than so many (https://platform.claude.com/docs/en/build-with-claude/vision). */
const PIXELS_PER_TOKEN = 750;
const MOST_PICTURE_TOKENS = 1_600;
/**
 * Of a page: 1,500 to 3,000 by its text, and the page as a picture
 * (https://platform.claude.com/docs/en/build-with-claude/pdf-support). Where pages can't be counted, one of so many
 * bytes.
 */
const TOKENS_PER_PAGE = 3_000;
const BYTES_PER_PAGE = 50_000;

/** A rough count of the tokens of a file. */
export const tokensOfMedia = (media: Media): number => {
  switch (media.kind) {
    case 'picture': {
      const { width, height } = media;
      const pixels = width === undefined || height === undefined ? Number.POSITIVE_INFINITY : width * height;
      return Math.min(MOST_PICTURE_TOKENS, Math.ceil(pixels / PIXELS_PER_TOKEN));
    }
    case 'pdf':
      return TOKENS_PER_PAGE * (media.pages ?? Math.ceil((media.base64.length * 3) / 4 / BYTES_PER_PAGE));
    case 'text':
      return Math.ceil(media.text.length / 4);
  }
};
