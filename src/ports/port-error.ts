import { isPaid, type Usage } from '../domain/conversation/turn.ts';

/** What went wrong behind a port, in words that every adapter shares. */
export type PortErrorCode =
  /** Somebody else changed it first. */
  | 'concurrency'
  /** The other side is down, or can't be reached. */
  | 'unavailable'
  | 'timeout'
  | 'aborted'
  | 'rate-limited'
  /** Wrong or missing credentials. */
  | 'unauthorised'
  /** The other side refuses this request as it stands; repeating it is no use. */
  | 'invalid-request'
  /** The request is longer than what a model reads: a shorter one may be answered. */
  | 'too-long'
  /** What was paid for is spent: only the owner of the account can help. */
  | 'out-of-credit'
  /** It was not asked: it had asked to be left alone, for `retryAfterMs` still. */
  | 'resting'
  | 'not-found'
  /** The other side answered something that its protocol does not allow. */
  | 'malformed-reply'
  /** What was asked can't be done, or was not: the run that says so has ended, and its promise is not kept. */
  | 'could-not'
  | 'storage-full'
  | 'storage-corrupt'
  | 'unknown';

const MARK = Symbol.for('kept.PortError');

/** An infrastructure failure. Adapters throw nothing else; recognise it by `isPortError`, never by message or class. */
export class PortError extends Error {
  override readonly name = 'PortError';
  readonly [MARK] = true;
  readonly code: PortErrorCode;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** How long the other side asked to be left alone. */
  readonly retryAfterMs?: number;
  /** What must be left alone: this chat only (its slow mode). Absent: everything behind the port. */
  readonly scope?: 'chat';
  /** What the operator should look at: addresses and names of variables. Shown to nobody else. */
  readonly help?: string;
  /** What the call had used when it broke: that is paid, too. */
  readonly usage?: Usage;

  constructor(
    code: PortErrorCode,
    message: string,
    options: { retryable: boolean; retryAfterMs?: number; scope?: 'chat'; help?: string; usage?: Usage; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable;
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
    if (options.scope !== undefined) this.scope = options.scope;
    if (options.help !== undefined) this.help = options.help;
    if (options.usage !== undefined) this.usage = options.usage;
  }
}

/** The same failure, with what its call had used; as it is where that is nothing. */
export const withUsage = (error: PortError, usage: Usage): PortError =>
  isPaid(usage) ? new PortError(error.code, error.message, { ...error, usage, cause: error }) : error;

/** Holds across copies of this package, which `instanceof` does not. */
export const isPortError = (error: unknown): error is PortError => typeof error === 'object' && error !== null && MARK in error;

/**
 * A failure of Kept's own storage as people and models may see it: in words without its address. What it said itself is
 * the `cause`.
 */
export const asStorageFailure = (error: unknown): unknown =>
  isPortError(error)
    ? new PortError(error.code, "Kept's storage can't be used just now.", { retryable: error.retryable, cause: error })
    : error;

/** Why something failed, as a chat is told it: what to look at is for the operator's own chat alone. */
export const reasonFor = (error: unknown, reader: 'operator' | 'anybody'): string => {
  const help = reader === 'operator' && isPortError(error) ? error.help : undefined;
  return help === undefined ? reasonOf(error) : `${reasonOf(error)} (${help})`;
};

/** Any thrown thing as words for a log or a person. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
