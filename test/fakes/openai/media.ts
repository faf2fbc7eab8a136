import { typeOfBytes } from '../media-bytes.ts';
import { type Breaks, isRecord } from './breaks.ts';
import type { ServerRules } from './servers.ts';

const MAX_IMAGE_BYTES = 20 * 1024 ** 2;
const MAX_FILE_BYTES = 32 * 1024 ** 2;
const PICTURE_URL = /^data:(image\/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/]+={0,2})$/;
const PDF_URL = /^data:application\/pdf;base64,([A-Za-z0-9+/]+={0,2})$/;

/**
 * The rules of a part of a person's message that is no text
 * (https://platform.openai.com/docs/guides/images-vision, …/pdf-files), in the words of the API, and of servers that
 * lack such parts.
 */
export const checkMediaPart = (part: Record<string, unknown>, at: string, server: ServerRules, breaks: Breaks): void => {
  const { type } = part;
  if (type === 'image_url') {
    if (server.lacks?.includes('pictures')) breaks('no-pictures', server.saysLacking?.('image_url') ?? NO_PICTURES);
    else checkPicture(part.image_url, at, breaks);
  } else if (type === 'file') {
    if (server.lacks?.includes('files')) breaks('no-files', server.saysLacking?.('file') ?? `Invalid content type: 'file' at ${at}`);
    else checkFile(part.file, at, breaks);
  } else
    breaks('content-type', `Invalid value: '${type}'. Supported values are: 'text', 'image_url', 'input_audio', 'refusal' and 'file'.`);
};

const NO_PICTURES = 'Invalid content type. image_url is only supported by certain models.';

const checkPicture = (picture: unknown, at: string, breaks: Breaks): void => {
  const { url, detail } = isRecord(picture) ? picture : {};
  if (detail !== undefined && !['auto', 'low', 'high', 'original'].includes(String(detail)))
    breaks('picture-detail', `${at}: no such detail`);
  checkPictureUrl(url, `${at}.image_url.url`, breaks);
};

/** The same over both APIs. */
export const checkPictureUrl = (url: unknown, at: string, breaks: Breaks): void => {
  const [, type, data = ''] = PICTURE_URL.exec(String(url)) ?? [];
  if (type === undefined) {
    breaks('picture-url', `Invalid '${at}'. Expected a base64-encoded data URL with an image MIME type (e.g. 'data:image/png;base64,…')`);
    return;
  }
  const bytes = Buffer.from(data, 'base64');
  const isRead = typeOfBytes(bytes)?.startsWith('image/') === true && bytes.length <= MAX_IMAGE_BYTES;
  if (!isRead)
    breaks(
      'picture-unreadable',
      "You uploaded an unsupported image. Please make sure your image is below 20 MB in size and is of one the following formats: ['png', 'jpeg', 'gif', 'webp'].",
    );
};

const checkFile = (file: unknown, at: string, breaks: Breaks): void => {
  const { filename, file_data: data, ...others } = isRecord(file) ? file : {};
  if (Object.keys(others).length > 0) breaks('file-fields', `${at}.file: property is unsupported`);
  if (typeof filename !== 'string') breaks('file-name', `Missing required parameter: '${at}.file.filename'.`);
  checkPdfUrl(data, filename, `${at}.file.file_data`, breaks);
};

/** The same over both APIs. */
export const checkPdfUrl = (data: unknown, filename: unknown, at: string, breaks: Breaks): void => {
  const [, base64] = PDF_URL.exec(String(data)) ?? [];
  if (base64 === undefined) {
    breaks('file-data', `Invalid file data: '${at}'. Expected a base64-encoded data URL with an application/pdf MIME type`);
    return;
  }
  const bytes = Buffer.from(base64, 'base64');
  if (typeof filename === 'string' && !/\.pdf$/i.test(filename))
    breaks('file-type', 'Invalid input: Expected context stuffing file type to be a supported format: .pdf');
  if (typeOfBytes(bytes) !== 'application/pdf' || bytes.length > MAX_FILE_BYTES)
    breaks('file-unreadable', `Invalid file data: '${at}'. The file could not be processed.`);
  else if (bytes.includes('/Encrypt')) breaks('file-locked', `Invalid file data: '${at}'. The file is encrypted.`);
};
