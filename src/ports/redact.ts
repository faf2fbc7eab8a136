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
