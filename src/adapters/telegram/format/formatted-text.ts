import { Api } from 'telegram/tl/index.js';

/** A text as Telegram takes it: entities in the order of their offsets, which count UTF-16 units. */
export interface FormattedText {
  readonly text: string;
  readonly entities: Api.TypeMessageEntity[];
}

export type Style =
  | { readonly kind: 'bold' | 'italic' | 'strike' | 'spoiler' | 'quote' | 'code' }
  | { readonly kind: 'pre'; readonly language: string }
  | { readonly kind: 'link'; readonly url: string };

/** A style over `[start, end)` of a text. */
export interface Span {
  readonly style: Style;
  readonly start: number;
  readonly end: number;
}

export const toEntity = ({ style, start, end }: Span): Api.TypeMessageEntity => {
  const range = { offset: start, length: end - start };
  switch (style.kind) {
    case 'bold':
      return new Api.MessageEntityBold(range);
    case 'italic':
      return new Api.MessageEntityItalic(range);
    case 'strike':
      return new Api.MessageEntityStrike(range);
    case 'spoiler':
      return new Api.MessageEntitySpoiler(range);
    case 'quote':
      return new Api.MessageEntityBlockquote(range);
    case 'code':
      return new Api.MessageEntityCode(range);
    case 'pre':
      return new Api.MessageEntityPre({ ...range, language: style.language });
    case 'link':
      return new Api.MessageEntityTextUrl({ ...range, url: style.url });
  }
};

/** The same entity over another range. */
export const withRange = (entity: Api.TypeMessageEntity, offset: number, length: number): Api.TypeMessageEntity => {
  const Entity = entity.constructor as new (fields: object) => Api.TypeMessageEntity;
  return new Entity({ ...entity, offset, length });
};

/**
 * Whether anybody would see anything of it; Telegram refuses a message without. White space, format and control
 * characters and the blanks that count as letters show nothing.
 */
export const isVisible = (text: string): boolean => /[^\s\p{Cc}\p{Cf}\p{Cs}\u115f\u1160\u2800\u3164\uffa0]/u.test(text);
