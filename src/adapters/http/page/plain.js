/**
 * Embeddings, overrides, isolates and marks of direction: they reorder what is read (https://unicode.org/reports/tr9).
 */
const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * The text without what would let it be read in another order than it is written; each element finds its direction by
 * itself.
 */
export const plain = (text) => text.replace(DIRECTION, '');
