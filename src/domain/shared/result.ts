/** The outcome of something that may be refused: a value, or an error that the caller is expected to handle. */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value });
export const err = <E>(error: E): Result<never, E> => ({ ok: false, error });

/** Why a request was refused. Nothing was changed. */
export interface Refusal<Code extends string = string> {
  readonly code: Code;
  /** For the person who asked: a clause, without a capital or a full stop. */
  readonly message: string;
  /** The longest time, in ms, after which the same request succeeds if nothing else happens. */
  readonly retryAfterMs?: number;
}

export const refuse = <Code extends string>(code: Code, message: string, retryAfterMs?: number): Result<never, Refusal<Code>> =>
  err(retryAfterMs === undefined ? { code, message } : { code, message, retryAfterMs });
