const MAGIC: readonly (readonly [type: string, start: string, at?: number])[] = [
  ['image/png', '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', '\xff\xd8\xff'],
  ['image/gif', 'GIF8'],
  ['image/webp', 'WEBP', 8],
  ['application/pdf', '%PDF-'],
];

/** What bytes are, by how they begin. */
export const typeOfBytes = (bytes: Buffer): string | undefined =>
  MAGIC.find(([, start, at = 0]) => bytes.toString('latin1', at, at + start.length) === start)?.[0];

/** Width and height of a PNG; of others none. */
export const pngSize = (bytes: Buffer): readonly [number, number] =>
  typeOfBytes(bytes) === 'image/png' && bytes.length >= 24 ? [bytes.readUInt32BE(16), bytes.readUInt32BE(20)] : [0, 0];

/** How many pages a PDF has, where they are not packed. */
export const pagesOf = (bytes: Buffer): number => bytes.toString('latin1').match(/\/Type ?\/Page\b(?!s)/g)?.length ?? 0;
