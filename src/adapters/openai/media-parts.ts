import type { ChatCompletionContentPart } from 'openai/resources/chat/completions';
import type { ResponseInputContent } from 'openai/resources/responses/responses';
import type { Media } from '../../domain/conversation/media.ts';
import { mediaName, pictureLabel, type Shown } from '../../ports/adapter-kit/shown-media.ts';

export type ChatContent = string | ChatCompletionContentPart[];

/** What a person says, behind the media that it came with: plain text where all of them are told in words. */
export const toChatContent = (media: readonly Shown[], text: string): ChatContent =>
  media.reduceRight((behind: ChatContent, one) => together(chatParts(one), behind), text);

/** Two contents as one: texts that meet become one. */
export const together = (before: ChatContent, behind: ChatContent): ChatContent => {
  if (typeof before === 'string' && typeof behind === 'string') return `${before}\n\n${behind}`;
  const [first, ...others] = partsOf(behind);
  const parts = partsOf(before);
  const last = parts.at(-1);
  return last?.type === 'text' && first?.type === 'text'
    ? [...parts.slice(0, -1), { type: 'text', text: `${last.text}\n\n${first.text}` }, ...others]
    : [...parts, ...(first ? [first] : []), ...others];
};

const partsOf = (content: ChatContent): ChatCompletionContentPart[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : content;

const chatParts = (media: Shown): ChatContent => {
  switch (media.kind) {
    case 'picture':
      return [
        { type: 'text', text: pictureLabel(media) },
        { type: 'image_url', image_url: { url: dataUrl(media.type, media.base64) } },
      ];
    case 'pdf':
      return [{ type: 'file', file: { filename: pdfName(media), file_data: dataUrl('application/pdf', media.base64) } }];
    case 'text':
      throw new TypeError('a text is told in words');
    case 'words':
      return media.text;
  }
};

/** The same for the Responses API. */
export const responsesParts = (media: Shown): readonly ResponseInputContent[] => {
  switch (media.kind) {
    case 'picture':
      return [
        { type: 'input_text', text: pictureLabel(media) },
        { type: 'input_image', image_url: dataUrl(media.type, media.base64), detail: 'auto' },
      ];
    case 'pdf':
      return [{ type: 'input_file', filename: pdfName(media), file_data: dataUrl('application/pdf', media.base64) }];
    case 'text':
      throw new TypeError('a text is told in words');
    case 'words':
      return [{ type: 'input_text', text: media.text }];
  }
};

const dataUrl = (type: string, base64: string): string => `data:${type};base64,${base64}`;

/** The API goes by the end of the name. */
const pdfName = (media: Media): string => {
  const name = mediaName(media);
  return /\.pdf$/i.test(name) ? name : `${name}.pdf`;
};

/** Characters that a picture or a PDF counts for, whatever its bytes are. */
const MEDIA_CHARACTERS = 6_000;

/** How many characters of JSON a request has, with what media cost in tokens in place of their bytes. */
export const charactersOf = (asked: object): number => {
  let media = 0;
  const json = JSON.stringify(asked, (_, value: unknown) => {
    if (typeof value !== 'string' || !/^data:[a-z]+\/[a-z]+;base64,/.test(value)) return value;
    media++;
    return '';
  });
  return json.length + media * MEDIA_CHARACTERS;
};
