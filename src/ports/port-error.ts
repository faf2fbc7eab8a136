import { isPaid, type Usage } from '../domain/conversation/turn.ts';

/** The kinds of failure behind a port, the same for every adapter. */
export type PortErrorCode =
  /** Somebody else made a conflicting change first. */
  | 'concurrency'
  /** The other side is down, or can't be reached. */
  | 'unavailable'
  | 'timeout'
  | 'aborted'
  | 'rate-limited'
  /** Wrong or missing credentials. */
  | 'unauthorised'
  /** The other side refuses this request as it is; repeating it does not help. */
  | 'invalid-request'
  /** The request is longer than the model accepts; a shorter one may be answered. */
  | 'too-long'
  /** The account has no credit left: only its owner can help. */
  | 'out-of-credit'
  /** A budget does not allow it: the message tells people what is used up, until when, and who can raise it. */
  | 'over-budget'
  /** It was not asked, because it asked for a pause that lasts for another `retryAfterMs`. */
  | 'resting'
  | 'not-found'
  /** The reply of the other side breaks its protocol. */
  | 'malformed-reply'
  /** The work cannot be done, or was not done: the run ends, and its promise is not kept. */
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
  /** How long the other side asked to wait. */
  readonly retryAfterMs?: number;
  /** What has to wait: this chat only (its slow mode). Absent: everything behind the port. */
  readonly scope?: 'chat';
  /** What the operator should check: addresses and names of variables. Shown to nobody else. */
  readonly help?: string;
  /** The usage of the call until it failed: that is paid, too. */
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

const NOT_BEGUN: readonly PortErrorCode[] = [
  'rate-limited',
  'unauthorised',
  'invalid-request',
  'too-long',
  'out-of-credit',
  'over-budget',
  'resting',
  'not-found',
];

/** Whether the error says that what was asked for was not begun; after any other, it may have taken effect. */
export const isNotBegun = (error: unknown): boolean => isPortError(error) && NOT_BEGUN.includes(error.code);

/** The same failure with the usage of its call; unchanged if that is nothing. */
export const withUsage = (error: PortError, usage: Usage): PortError =>
  isPaid(usage) ? new PortError(error.code, error.message, { ...error, usage, cause: error }) : error;

/** Holds across copies of this package, which `instanceof` does not. */
export const isPortError = (error: unknown): error is PortError => typeof error === 'object' && error !== null && MARK in error;

/**
 * A failure of Kept's own storage as people and models may see it: without its address. The original is the `cause`.
 */
export const asStorageFailure = (error: unknown): unknown =>
  isPortError(error)
    ? new PortError(error.code, "Kept's storage can't be used just now.", { retryable: error.retryable, cause: error })
    : error;

/** Why something failed, in words for a chat. `help` is included only for the operator. */
export const reasonFor = (error: unknown, reader: 'operator' | 'anybody'): string => {
  const help = reader === 'operator' && isPortError(error) ? error.help : undefined;
  return help === undefined ? reasonOf(error) : `${reasonOf(error)} (${help})`;
};

/** Any thrown thing as words for a log or a person. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
