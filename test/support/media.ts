import { crc32, deflateSync } from 'node:zlib';
import type { Media } from '../../src/domain/index.ts';

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
};

/** A grey PNG; its pixels are there up to a hundred each way. */
export const pngBytes = (width = 2, height = 2): Buffer => {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.writeUInt8(8, 8);
  const pixels = deflateSync(Buffer.alloc((Math.min(width, 100) + 1) * Math.min(height, 100), 0x00));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};

export const pdfBytes = (pages = 1, { isLocked = false }: { readonly isLocked?: boolean } = {}): Buffer =>
  Buffer.from(
    [
      '%PDF-1.4',
      '1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj',
      `2 0 obj<</Type/Pages/Count ${pages}/Kids[${Array.from({ length: pages }, (_, n) => `${n + 3} 0 R`).join(' ')}]>>endobj`,
      ...Array.from({ length: pages }, (_, n) => `${n + 3} 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj`),
      `trailer<</Root 1 0 R${isLocked ? '/Encrypt 9 0 R' : ''}>>`,
      '%%EOF',
    ].join('\n'),
    'latin1',
  );

export const aPicture = (name = 'inbox/cat.png', bytes = pngBytes()): Extract<Media, { kind: 'picture' }> => ({
  kind: 'picture',
  name,
  type: 'image/png',
  base64: bytes.toString('base64'),
});
export const aPdf = (name = 'inbox/plan.pdf', bytes = pdfBytes()): Extract<Media, { kind: 'pdf' }> => ({
  kind: 'pdf',
  name,
  base64: bytes.toString('base64'),
});
export const aText = (name = 'inbox/notes.txt', text = 'milk\nbread'): Extract<Media, { kind: 'text' }> => ({
  kind: 'text',
  name,
  text,
});
