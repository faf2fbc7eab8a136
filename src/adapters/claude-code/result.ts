import { excerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import { type CodingResult, PortError, type PortErrorCode, reasonOf } from '../../ports/index.ts';
import { type Fields, listOf, textOf } from './sdk.ts';
import { type Spent, spentIn, spentSince } from './spent.ts';
import type { Transcript } from './transcript.ts';

/** What came of a run, by its last result; throws PortError where that is a failure, or where there is none. */
export const resultOf = ({
  transcript,
  session,
  failure,
  before,
  errors,
}: {
  readonly transcript: Transcript;
  readonly session: string;
  /** What the SDK threw, if anything. */
  readonly failure: unknown;
  /** What the session had used before. */
  readonly before: Spent;
  /** What the processes wrote to standard error. */
  readonly errors: readonly string[];
}): CodingResult => {
  const result = transcript.result();
  if (!result) {
    const last = errors.join('\n').trim().split('\n').at(-1) ?? '';
    const words = failure === undefined ? 'without a result' : `in the middle of its work: ${excerpt(reasonOf(failure), 300)}`;
    throw new PortError('unavailable', `Claude Code ended ${words}${last === '' ? '' : `; its last words: ${excerpt(last, 300)}`}`, {
      retryable: true,
      usage: transcript.usage(),
      cause: failure,
    });
  }
  const { usage, costUsd } = spentSince(spentIn(result), before);
  const subtype = textOf(result.subtype);
  const isLimit = subtype === 'error_max_turns' || subtype === 'error_max_budget_usd';
  if (!isLimit && (result.is_error === true || subtype !== 'success')) throw failureOf(result, usage);
  return {
    text: textOf(result.result),
    session,
    usage,
    denials: transcript.denials(),
    stop: isLimit ? 'limit' : result.stop_reason === 'refusal' ? 'refused' : 'end',
    costUsd,
    ...present({ model: transcript.model() }),
  };
};

const failureOf = (result: Fields, usage: CodingResult['usage']): PortError => {
  const status = typeof result.api_error_status === 'number' ? result.api_error_status : undefined;
  const said = excerpt(textOf(result.result) || listOf(result.errors).map(String).join('; ') || textOf(result.subtype), 500);
  const [code, retryable, words] = meaningOf(status, said);
  return new PortError(code, words, { retryable, usage });
};

const meaningOf = (status: number | undefined, said: string): readonly [PortErrorCode, boolean, string] => {
  if (status === 401 || status === 403 || /not logged in|invalid api key/i.test(said))
    return ['unauthorised', false, 'The model of Claude Code refuses the key (ANTHROPIC_API_KEY).'];
  if (status === 402 || /credit balance/i.test(said)) return ['out-of-credit', false, 'The account of Claude Code has no credit left.'];
  if (status === 429) return ['rate-limited', true, 'The model of Claude Code asks for a pause.'];
  if (status === 529 || (status !== undefined && status >= 500))
    return ['unavailable', true, `The model of Claude Code is overloaded or down (HTTP ${status}).`];
  if (status !== undefined) return ['invalid-request', false, `The model of Claude Code refuses the request (HTTP ${status}): ${said}`];
  return ['unavailable', true, `Claude Code failed: ${said}`];
};
