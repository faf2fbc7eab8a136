/** Why a text is not a value of a kind, with a hint. Never quotes a possible secret. */
export interface Refusal {
  readonly problem: string;
  readonly hint: string;
}

export const refuse = (problem: string, hint: string): Refusal => ({ problem, hint });

export const isRefusal = (value: unknown): value is Refusal => typeof value === 'object' && value !== null && 'problem' in value;
