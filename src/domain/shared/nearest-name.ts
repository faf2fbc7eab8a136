/**
 * The known name that a mistyped one most likely means; undefined when none is close: within `most` edits, a third of
 * the name unless told.
 */
export const nearestName = (name: string, known: Iterable<string>, most?: number): string | undefined => {
  let best: { readonly name: string; readonly edits: number } | undefined;
  for (const candidate of known) {
    const limit = Math.min(most ?? Math.max(2, Math.floor(candidate.length / 3)), (best?.edits ?? Number.POSITIVE_INFINITY) - 1);
    const [left, right] = [compared(name), compared(candidate)];
    // So many letters at the least must be added or left out.
    if (Math.abs(left.length - right.length) > limit) continue;
    const edits = editDistance(left, right);
    if (edits <= limit) best = { name: candidate, edits };
  }
  return best?.name;
};

/** The case aside, and at most 64 characters. */
const compared = (name: string): string => name.toLowerCase().slice(0, 64);

/** Levenshtein's distance. */
const editDistance = (left: string, right: string): number => {
  let row = Array.from({ length: right.length + 1 }, (_, i) => i);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++)
      next.push(Math.min(at(row, j) + 1, at(next, j - 1) + 1, at(row, j - 1) + (left[i - 1] === right[j - 1] ? 0 : 1)));
    row = next;
  }
  return at(row, right.length);
};

const at = (row: readonly number[], index: number): number => row[index] as number;
