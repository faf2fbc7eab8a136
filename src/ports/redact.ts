/**
 * Replaces every known secret, and everything that looks like one, in a text. MUST be applied before the text leaves or
 * is stored, and before it is cut.
 */
export interface Redact {
  (text: string): string;
  /**
   * Does the same for a text that is still growing. MUST leave out an end that may be the beginning of a secret; the
   * function itself redacts the text once it is complete. Absent: the function itself is used for growing texts.
   */
  readonly growing?: (text: string) => string;
}

/**
 * A value as JSON without secrets. Texts in it are redacted before quotation marks and line ends in them are escaped,
 * and the whole after that: names of fields, and what only shows beside its name.
 */
export const redactedJson = (value: unknown, redact: Redact, indent = 0): string =>
  redact(JSON.stringify(value, (_, item: unknown) => (typeof item === 'string' ? redact(item) : item), indent) ?? '');
