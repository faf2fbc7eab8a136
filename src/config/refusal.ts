/** Why a text is not a value of a kind, and what would be. Quotes nothing that could be a secret. */
export interface Refusal {
  readonly problem: string;
  readonly hint: string;
}

export const refuse = (problem: string, hint: string): Refusal => ({ problem, hint });

export const isRefusal = (value: unknown): value is Refusal => typeof value === 'object' && value !== null && 'problem' in value;
