/** What makers call their models by size, the least first. Others are of the size between. */
const SIZES: readonly RegExp[] = [
  /(^|[-_/.:])(nano|tiny|micro|lite)([-_.:]|$)/,
  /(^|[-_/.:])(haiku|mini|flash|small|fast|instant|[1-9]b)([-_.:]|$)/,
];
const LARGE = /(^|[-_/.:])(opus|fable|pro|large|max|ultra)([-_.:]|$)/;

/**
 * The cheapest of these models, by what their makers call its size: prices change, and names don't. Of equals, the
 * first. The rehearsal model is only taken where there is no other.
 */
export const cheapestModel = (names: readonly string[]): string | undefined =>
  names.toSorted((one, other) => sizeOf(one) - sizeOf(other))[0];

const sizeOf = (name: string): number => {
  const lower = name.toLowerCase();
  if (lower.startsWith('rehearsal')) return SIZES.length + 2;
  const at = SIZES.findIndex((size) => size.test(lower));
  if (at >= 0) return at;
  return LARGE.test(lower) ? SIZES.length + 1 : SIZES.length;
};
