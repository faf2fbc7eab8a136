import type { PictureType } from './media.ts';

/** What a file is by its bytes, whatever its name says. */
export type FileType = PictureType | 'application/pdf' | 'text/plain';

/** So many of the first bytes tell what a file is. */
export const HEAD_BYTES = 8_000;

/** What a file is, by its first bytes; undefined where a model can't be shown it, or it is empty. */
export const fileTypeOf = (head: Uint8Array): FileType | undefined => {
  if (startsWith(head, [0xff, 0xd8, 0xff])) return 'image/jpeg';
  if (startsWith(head, PNG)) return 'image/png';
  if (['GIF87a', 'GIF89a'].includes(ascii(head, 0, 6))) return 'image/gif';
  if (ascii(head, 0, 4) === 'RIFF' && ascii(head, 8, 12) === 'WEBP') return 'image/webp';
  if (ascii(head, 0, 5) === '%PDF-') return 'application/pdf';
  return isText(head) ? 'text/plain' : undefined;
};

/** Width and height in pixels, as the header of the picture says; undefined where it has none that can be read. */
export const dimensionsOf = (type: PictureType, bytes: Uint8Array): { readonly width: number; readonly height: number } | undefined => {
  const [width, height] = DIMENSIONS[type](new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)) ?? [0, 0];
  return width > 0 && height > 0 ? { width, height } : undefined;
};

/** How many pages a PDF has, as its lists of pages say; undefined where these are compressed. */
export const pagesOf = (bytes: Uint8Array): number | undefined => {
  let pages = 0;
  let lists = 0;
  for (let at = indexOf(bytes, TYPE, 0); at >= 0 && lists < MAX_LISTS; at = indexOf(bytes, TYPE, at + TYPE.length)) {
    if (!/^\s{0,4}\/Pages(?![A-Za-z])/.test(ascii(bytes, at + TYPE.length, at + TYPE.length + 12))) continue;
    lists++;
    const around = ascii(bytes, Math.max(0, at - AROUND_LIST), at + AROUND_LIST);
    for (const [, count] of around.matchAll(/\/Count\s{1,4}(\d{1,7})/g)) pages = Math.max(pages, Number(count));
  }
  return pages > 0 ? pages : undefined;
};

/** Whether a PDF is encrypted: no model reads those, whatever the password is. */
export const isLocked = (bytes: Uint8Array): boolean => indexOf(bytes, ENCRYPT, 0) >= 0;

type Read = (view: DataView) => readonly [number, number] | undefined;

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** So many lists of pages are looked at; the first of all counts all pages, and is at an end of the file. */
const MAX_LISTS = 2_000;
const AROUND_LIST = 400;
const codes = (word: string): readonly number[] => Array.from(word, (character) => character.charCodeAt(0));
const TYPE = codes('/Type');
const ENCRYPT = codes('/Encrypt');

const startsWith = (bytes: Uint8Array, start: readonly number[]): boolean => start.every((byte, at) => bytes[at] === byte);

const ascii = (bytes: Uint8Array, from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));

const indexOf = (bytes: Uint8Array, word: readonly number[], from: number): number => {
  const [first = 0] = word;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1))
    if (word.every((byte, offset) => bytes[at + offset] === byte)) return at;
  return -1;
};

/** UTF-8 without the control characters that no text has. A character may be cut at the end. */
const isText = (head: Uint8Array): boolean => {
  if (head.length === 0 || head.some((byte) => byte < 0x20 && !TEXT_CONTROLS.has(byte))) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
};
/** Tab, line feed, form feed, carriage return, escape (of coloured logs). */
const TEXT_CONTROLS: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0c, 0x0d, 0x1b]);

const tag = (view: DataView, at: number): string => ascii(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), at, at + 4);

const png: Read = (view) => (view.byteLength >= 24 && tag(view, 12) === 'IHDR' ? [view.getUint32(16), view.getUint32(20)] : undefined);

const gif: Read = (view) => (view.byteLength >= 10 ? [view.getUint16(6, true), view.getUint16(8, true)] : undefined);

const webp: Read = (view) => {
  if (view.byteLength < 30) return undefined;
  const form = tag(view, 12);
  const uint24 = (at: number): number => view.getUint16(at, true) + view.getUint8(at + 2) * 0x10000;
  if (form === 'VP8X') return [uint24(24) + 1, uint24(27) + 1];
  if (form === 'VP8L') {
    const bits = view.getUint32(21, true);
    return view.getUint8(20) === 0x2f ? [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1] : undefined;
  }
  return form === 'VP8 ' ? [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff] : undefined;
};

/** From segment to segment to the one that begins the frame; none is shorter than its own length. */
const jpeg: Read = (view) => {
  let at = 2;
  while (at + 9 <= view.byteLength) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else if (marker === 0xd9 || marker === 0xda) return undefined;
    else if (marker >= 0xc0 && marker <= 0xcf && !NO_FRAME.has(marker)) return [view.getUint16(at + 7), view.getUint16(at + 5)];
    else {
      const length = view.getUint16(at + 2);
      if (length < 2) return undefined;
      at += 2 + length;
    }
  }
  return undefined;
};
/** Tables and coding, among the markers of frames. */
const NO_FRAME: ReadonlySet<number> = new Set([0xc4, 0xc8, 0xcc]);

const DIMENSIONS: Readonly<Record<PictureType, Read>> = { 'image/jpeg': jpeg, 'image/png': png, 'image/gif': gif, 'image/webp': webp };
