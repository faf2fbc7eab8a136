/**
 * The same JSON without halves of characters, which are no text: whoever reads JSON strictly refuses the whole of it.
 * What holds none is returned as it is.
 */
export const wellFormed = <T>(value: T): T => wellFormedValue(value) as T;

const wellFormedValue = (value: unknown): unknown => {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map(wellFormedValue);
    return items.every((item, at) => item === value[at]) ? value : items;
  }
  const entries = Object.entries(value);
  const kept = entries.map(([name, item]) => [name.toWellFormed(), wellFormedValue(item)] as const);
  return kept.every(([name, item], at) => name === entries[at]?.[0] && item === entries[at]?.[1]) ? value : Object.fromEntries(kept);
};
