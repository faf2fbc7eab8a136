import { excerpt } from '../../domain/shared/excerpt.ts';

/** A long request does not get a refusal, or a line in the log, of the same length. */
const MAX_MESSAGE_LENGTH = 1_000;

/** A refused request, with the answer for the client. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly statusCode: number;
  readonly code: string;
  readonly hint?: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    statusCode: number,
    code: string,
    message: string,
    extra: { readonly hint?: string; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(excerpt(message, MAX_MESSAGE_LENGTH));
    this.statusCode = statusCode;
    this.code = code;
    if (extra.hint !== undefined) this.hint = extra.hint;
    this.headers = extra.headers ?? {};
  }
}
