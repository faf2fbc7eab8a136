import { PortError } from '../port-error.ts';

/**
 * The most that is read of one answer, unpacked: many times what the longest reply takes, each word of it in an event
 * of its own.
 */
const MAX_ANSWER_BYTES = 64 * 1024 ** 2;
/** The most that is read of one event: whoever reads a stream keeps all of an event until it ends. */
const MAX_EVENT_BYTES = 16 * 1024 ** 2;
/** As much is read of a refusal; only its beginning is ever told. */
const MAX_REFUSAL_BYTES = 64 * 1024;

export interface FetchBounds {
  /** The most that is read of one answer, unpacked. Default: as much as the longest reply of a model takes. */
  readonly maxAnswerBytes?: number;
  /** What answers there if the address is right. */
  readonly expected?: string;
}

/**
 * A `fetch` whose answers end: an answer, or an event in it, that is too long fails with PortError `malformed-reply`; a
 * refusal is cut off. A web page in place of an answer fails with `malformed-reply`, in words of its own: the address
 * is wrong, or a guest network wants somebody to sign in. `onBytes` is called at every part of a body that arrives,
 * also at those that nobody who reads events gets to see: comments, pings.
 */
export const boundedFetch =
  (onBytes: () => void = () => undefined, { maxAnswerBytes = MAX_ANSWER_BYTES, expected = 'model' }: FetchBounds = {}) =>
  async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const response = await fetch(input, init);
    const { body, ok, status, statusText, headers } = response;
    if (body === null || status < 200 || status > 599) return response;
    const bounded = body.pipeThrough(ok ? limitAnswer(onBytes, maxAnswerBytes) : limitRefusal());
    const isPage = ok && /^(?:text\/html|application\/xhtml)/i.test(headers.get('content-type') ?? '');
    if (isPage) return new Response(bounded.pipeThrough(refusePage(expected)), { status, statusText, headers });
    return new Response(bounded, { status, statusText, headers });
  };

const limitAnswer = (onBytes: () => void, maxBytes: number): TransformStream<Uint8Array, Uint8Array> => {
  let total = 0;
  let event = 0;
  let last = 0;
  return new TransformStream({
    transform: (chunk, controller) => {
      onBytes();
      total += chunk.length;
      const end = endOfEvent(chunk, last);
      event = end < 0 ? event + chunk.length : chunk.length - end;
      last = chunk.at(-1) ?? last;
      if (total > maxBytes || event > MAX_EVENT_BYTES) controller.error(tooLong());
      else controller.enqueue(chunk);
    },
  });
};

const limitRefusal = (): TransformStream<Uint8Array, Uint8Array> => {
  let left = MAX_REFUSAL_BYTES;
  return new TransformStream({
    transform: (chunk, controller) => {
      controller.enqueue(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) controller.terminate();
    },
  });
};

/** Some servers call events a page: what begins like one is one. */
const refusePage = (expected: string): TransformStream<Uint8Array, Uint8Array> => {
  let hasBegun = false;
  return new TransformStream({
    transform: (chunk, controller) => {
      const begins = hasBegun ? '' : new TextDecoder().decode(chunk).trimStart();
      hasBegun ||= begins !== '';
      if (begins.startsWith('<')) controller.error(aPage(expected));
      else controller.enqueue(chunk);
    },
  });
};

const aPage = (expected: string): PortError =>
  new PortError('malformed-reply', `a web page answers there, and no ${expected}`, { retryable: true });

const tooLong = (): PortError =>
  new PortError('malformed-reply', 'the answer has no end: it is longer than any may be, and was given up', { retryable: false });

const [LINE_FEED, RETURN] = [10, 13];

/** Behind the last blank line, which ends an event; negative where there is none. */
const endOfEvent = (chunk: Uint8Array, before: number): number => {
  for (let at = chunk.length - 1; at >= 0; at--) {
    const [one, other] = [at === 0 ? before : chunk[at - 1], chunk[at]];
    const isLineEnd = (byte: number | undefined): boolean => byte === LINE_FEED || byte === RETURN;
    if (isLineEnd(other) && isLineEnd(one) && !(one === RETURN && other === LINE_FEED)) return at + 1;
  }
  return -1;
};
