import { stripVTControlCharacters } from 'node:util';
import jsqr from 'jsqr';

type Scan = (data: Uint8ClampedArray, width: number, height: number) => { readonly data: string } | null;
// The package names itself as its own default export twice over.
const scan = ((jsqr as { readonly default?: unknown }).default ?? jsqr) as Scan;

/** How many points of the picture a module is wide. */
const SCALE = 4;

/** What the last QR code in the text of a terminal says: block characters are light, blanks are dark. */
export const readQrCode = (text: string): string | undefined => {
  const lines = stripVTControlCharacters(text).replaceAll('\r', '').split('\n');
  const isPart = (line: string | undefined): boolean => line !== undefined && /^[█▀▄ ]{20,}$/.test(line);
  const last = lines.findLastIndex(isPart);
  let first = last;
  while (isPart(lines[first - 1])) first -= 1;
  const rows = lines
    .slice(first, last + 1)
    .flatMap((line) => [[...line].map((sign) => sign === '█' || sign === '▀'), [...line].map((sign) => sign === '█' || sign === '▄')]);
  const width = rows[0]?.length ?? 0;
  // A code in a redrawn terminal stands below the one before: only the last square of its rows is current.
  const square = rows.slice(-(width + (width % 2)));
  const points = square.flatMap((row) => Array.from({ length: SCALE }, () => row.flatMap((light) => Array(SCALE).fill(light))).flat());
  const data = Uint8ClampedArray.from(points.flatMap((light) => [light ? 255 : 0, light ? 255 : 0, light ? 255 : 0, 255]));
  return scan(data, width * SCALE, square.length * SCALE)?.data;
};
