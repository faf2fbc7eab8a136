/** How deep the arguments of a tool call may be nested. */
export const MAX_ARGUMENTS_DEPTH = 32;
/**
 * How long the arguments of a tool call may be, in UTF-16 units of all their texts and names together; a number or the
 * like counts as one.
 */
export const MAX_ARGUMENTS_LENGTH = 100_000;

/**
 * Why the arguments of a call are refused, in words for the model; undefined for those that a tool may read. Takes no
 * longer for larger ones.
 */
export const argumentsRefusal = (input: unknown): string | undefined => {
  const waiting: { readonly value: unknown; readonly depth: number }[] = [{ value: input, depth: 0 }];
  let length = 0;
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value, depth } = next;
    length += typeof value === 'string' ? value.length : 1;
    if (length > MAX_ARGUMENTS_LENGTH) return `its arguments are longer than ${MAX_ARGUMENTS_LENGTH} characters`;
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= MAX_ARGUMENTS_DEPTH) return `its arguments are nested deeper than ${MAX_ARGUMENTS_DEPTH} levels`;
    const names = Object.keys(value);
    if (!Array.isArray(value)) for (const name of names) length += name.length;
    if (length + names.length > MAX_ARGUMENTS_LENGTH) return `its arguments are longer than ${MAX_ARGUMENTS_LENGTH} characters`;
    for (const item of Object.values(value)) waiting.push({ value: item, depth: depth + 1 });
  }
  return undefined;
};
