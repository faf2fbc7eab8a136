import { inStyle } from './format-table.ts';

/** Modules of light around a code: a scanner needs an edge. */
const EDGE = 2;

/**
 * A QR code for a terminal, two rows of it in each line. Its light modules are drawn, its dark ones left out: without
 * `color` it wants a dark background, as scanners take both ways round.
 */
export const qrCode = async (content: string, { color }: { readonly color: boolean }): Promise<string> => {
  // Loaded where a code is shown.
  const { renderUnicodeCompact } = await import('uqr');
  const lines = renderUnicodeCompact(content, { border: EDGE });
  if (!color) return lines;
  return lines
    .split('\n')
    .map((line) => inStyle(['whiteBright', 'bgBlack'], line))
    .join('\n');
};
