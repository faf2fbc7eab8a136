/** Small files of each kind that a model can be shown: their headers are right, and what follows is filling. */

const ascii = (text: string): number[] => Array.from(text, (character) => character.charCodeAt(0));
const big = (value: number, bytes: number): number[] => Array.from({ length: bytes }, (_, at) => (value >>> (8 * (bytes - 1 - at))) & 0xff);
const little = (value: number, bytes: number): number[] => big(value, bytes).reverse();

export const pngOf = (width: number, height: number, bytes = 40): Uint8Array =>
  filled([0x89, ...ascii('PNG\r\n'), 0x1a, 0x0a, ...big(13, 4), ...ascii('IHDR'), ...big(width, 4), ...big(height, 4)], bytes);

export const gifOf = (width: number, height: number): Uint8Array =>
  filled([...ascii('GIF89a'), ...little(width, 2), ...little(height, 2)], 40);

/** With a segment of metadata in front of the frame, as cameras write it. */
export const jpegOf = (width: number, height: number, metadata = 20): Uint8Array =>
  filled(
    [
      ...[0xff, 0xd8, 0xff, 0xe1, ...big(metadata + 2, 2), ...Array.from({ length: metadata }, () => 0x20)],
      ...[0xff, 0xc0, ...big(17, 2), 8, ...big(height, 2), ...big(width, 2)],
    ],
    metadata + 60,
  );

export const webpOf = (width: number, height: number): Uint8Array =>
  filled(
    [
      ...ascii('RIFF'),
      ...little(40, 4),
      ...ascii('WEBPVP8X'),
      ...little(10, 4),
      0,
      0,
      0,
      0,
      ...little(width - 1, 3),
      ...little(height - 1, 3),
    ],
    48,
  );

/** Without the extended header: `VP8 ` loses detail, `VP8L` none. */
export const webpFrame = (form: 'VP8 ' | 'VP8L', width: number, height: number): Uint8Array => {
  const frame =
    form === 'VP8L'
      ? [0x2f, ...little((width - 1) | ((height - 1) << 14), 4)]
      : [0, 0, 0, 0x9d, 0x01, 0x2a, ...little(width, 2), ...little(height, 2)];
  return filled([...ascii('RIFF'), ...little(40, 4), ...ascii(`WEBP${form}`), ...little(frame.length, 4), ...frame], 48);
};

export const pdfOf = (pages: number, bytes = 0): Uint8Array =>
  filled(ascii(`%PDF-1.7\n1 0 obj\n<</Type /Pages /Count ${pages} /Kids []>>\nendobj\n`), bytes, 0x20);

export const textOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const filled = (header: readonly number[], bytes: number, filling = 0): Uint8Array => {
  const file = new Uint8Array(Math.max(bytes, header.length)).fill(filling);
  file.set(header);
  return file;
};
