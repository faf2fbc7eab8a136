/**
 * The text with every known secret, and everything that looks like one, replaced. MUST be applied before text leaves or
 * is stored, and before it is cut.
 */
export interface Redact {
  (text: string): string;
  /**
   * The same for a text of which more is to come. MUST hold back an end that may be the beginning of a secret; the
   * whole text, redacted, comes by the function itself once it is whole. Absent: a growing text is shown as the
   * function gives it.
   */
  readonly growing?: (text: string) => string;
}
