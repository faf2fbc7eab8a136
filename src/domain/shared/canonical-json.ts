/**
 * The one JSON text of a value: the keys of every object sorted, no spaces. Values that JSON can't tell apart have the
 * same text.
 */
export const canonicalJson = (value: unknown): string => textOf(JSON.parse(JSON.stringify(value) ?? 'null'));

const textOf = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(textOf).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${textOf(member)}`).join(',')}}`;
};
