import type { Redact } from '../../ports/redact.ts';
import { MAX_ARGUMENTS_DEPTH } from './call-arguments.ts';

/**
 * JSON with every text in it redacted, names of fields included. What is nested deeper than arguments may be is left
 * out.
 */
export const redactValues = (redact: Redact, value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_ARGUMENTS_DEPTH) return '[nested too deeply]';
  if (Array.isArray(value)) return value.map((item) => redactValues(redact, item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [redact(name), redactValues(redact, item, depth + 1)]));
};
