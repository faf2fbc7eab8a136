import type { Redact } from '../../ports/redact.ts';

/** JSON with every text in it redacted, names of fields included. */
export const redactValues = (redact: Redact, value: unknown): unknown => {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => redactValues(redact, item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [redact(name), redactValues(redact, item)]));
};
