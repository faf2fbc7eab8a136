/** The text with every known secret, and everything that looks like one, replaced. MUST be applied before text leaves or is stored. */
export type Redact = (text: string) => string;
