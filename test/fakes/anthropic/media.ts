import type { BrokenRule } from '../broken-rule.ts';
import { pagesOf, pngSize, typeOfBytes } from '../media-bytes.ts';
import { type Block, blocksOf, type MessagesRequest } from './shape.ts';

/** Of the base64. The maker's own API takes twice that, and clouds no more than this. */
const MAX_IMAGE_BYTES = 5 * 1024 ** 2;
const MAX_IMAGES = 600;
const MAX_PIXELS = 8_000;
/** Models with a window of a million tokens take more. */
const MAX_PAGES = 100;

/** What a server of the API may lack that the maker's own has. */
export type Lacking = 'images' | 'documents';

interface Placed {
  readonly block: Block;
  readonly place: string;
}

/**
 * The rules of pictures and documents (https://platform.claude.com/docs/en/build-with-claude/vision and …/pdf-support),
 * in the API's words.
 */
export const mediaRules = (request: MessagesRequest, lacking: readonly Lacking[] = []): readonly BrokenRule[] => {
  const placed = request.messages.flatMap((message, n): readonly Placed[] =>
    blocksOf(message).map((block, at) => ({ block, place: `messages.${n}.content.${at}` })),
  );
  const images = placed.filter(({ block }) => block.type === 'image');
  const documents = placed.filter(({ block }) => block.type === 'document');
  const pages = documents.reduce((sum, { block }) => sum + pagesOf(Buffer.from(dataOf(block) ?? '', 'base64')), 0);
  return [
    ...(lacking.includes('images') && images.length > 0 ? [{ rule: 'no-images', message: 'this model does not support image input' }] : []),
    ...(lacking.includes('documents') && documents.length > 0
      ? [{ rule: 'no-documents', message: `${documents[0]?.place}.type: Input tag 'document' is not supported` }]
      : []),
    ...images.flatMap(imageRules),
    ...(images.length > MAX_IMAGES ? [{ rule: 'image-count', message: `at most ${MAX_IMAGES} images a request` }] : []),
    ...documents.flatMap(documentRules),
    ...(pages > MAX_PAGES ? [{ rule: 'pdf-pages', message: `A maximum of ${MAX_PAGES} PDF pages may be provided.` }] : []),
  ];
};

/** Base64 of a picture or a PDF. */
const dataOf = (block: Block): string | undefined =>
  (block.type === 'image' || block.type === 'document') && block.source.type === 'base64' ? block.source.data : undefined;

const imageRules = ({ block, place }: Placed): readonly BrokenRule[] => {
  const data = dataOf(block);
  if (data === undefined || block.type !== 'image' || block.source.type !== 'base64') return [];
  const at = `${place}.image.source.base64`;
  if (data.length > MAX_IMAGE_BYTES)
    return [{ rule: 'image-size', message: `${at}: image exceeds 5 MB maximum: ${data.length} bytes > ${MAX_IMAGE_BYTES} bytes` }];
  const bytes = Buffer.from(data, 'base64');
  const type = typeOfBytes(bytes);
  if (!type?.startsWith('image/')) return [{ rule: 'image-unreadable', message: 'Could not process image' }];
  const told = block.source.media_type;
  if (type !== told) return [{ rule: 'image-type', message: `${at}.data: Image does not match the provided media type ${told}` }];
  return Math.max(...pngSize(bytes)) > MAX_PIXELS
    ? [
        {
          rule: 'image-pixels',
          message: `${at}.data: At least one of the image dimensions exceed max allowed size: ${MAX_PIXELS} pixels`,
        },
      ]
    : [];
};

const documentRules = ({ block, place }: Placed): readonly BrokenRule[] => {
  const data = dataOf(block);
  if (data === undefined) return [];
  const bytes = Buffer.from(data, 'base64');
  const at = `${place}.pdf.source.base64.data`;
  if (bytes.length === 0) return [{ rule: 'pdf-empty', message: `${place}.document.source.base64: PDF cannot be empty` }];
  if (typeOfBytes(bytes) !== 'application/pdf') return [{ rule: 'pdf-valid', message: `${at}: The PDF specified was not valid.` }];
  return bytes.includes('/Encrypt') ? [{ rule: 'pdf-locked', message: `${at}: The PDF specified is password protected.` }] : [];
};
