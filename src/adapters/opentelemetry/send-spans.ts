import { doublingMs } from '../../domain/shared/backoff.ts';
import { errorCode } from '../../domain/shared/error-code.ts';
import type { Clock } from '../../ports/index.ts';
import { reasonOf } from '../../ports/index.ts';
import { encodeSpans, rejectedIn, type Sender } from './encode.ts';
import type { SpanDraft } from './span.ts';

/** Spans that wait; more are left out. */
const MAX_WAITING = 4_096;
/** How long the texts of all that wait are, at most, in UTF-16 units: spans that hold what was said are long. */
const MAX_WAITING_LENGTH = 4_000_000;
/** Spans in one request, and how long their texts are. */
const MAX_BATCH = 512;
const MAX_BATCH_LENGTH = 1_000_000;
/** The wait for more spans behind the first one. */
const GATHER_MS = 5_000;
/** The longest time of one request, its answer included. */
const REQUEST_MS = 10_000;
/** The longest wait between two tries. */
const MAX_WAIT_MS = 5 * 60_000;
/** The longest time that a stop waits for the last spans. */
const STOP_MS = 2_000;
/** More of an answer is not read: it only says how many spans were rejected. */
const MAX_ANSWER_BYTES = 4_096;

export interface SpanSender {
  /** Takes a span. Never throws, and never waits. */
  add(span: SpanDraft): void;
  /** Sends what waits, once, and gives up after two seconds. */
  stop(): Promise<void>;
}

/** What the sender tells: once when spans begin to be lost or refused, and once when they are taken again. */
export interface SendNotices {
  failed(reason: string): void;
  /** `lost`: how many spans were left out meanwhile. */
  recovered(lost: number): void;
}

/** What to look at, where an answer says that something is set wrongly. */
const HINTS: Readonly<Record<number, string>> = {
  401: ': it does not take the key (OTEL_EXPORTER_OTLP_HEADERS)',
  403: ': it does not take the key (OTEL_EXPORTER_OTLP_HEADERS)',
  404: ': there is no such place (OTEL_EXPORTER_OTLP_ENDPOINT, to which /v1/traces is added)',
  405: ': it takes no traces there (OTEL_EXPORTER_OTLP_ENDPOINT, to which /v1/traces is added)',
  415: ': it takes no protobuf (OTEL_EXPORTER_OTLP_ENDPOINT)',
};

/** Why a request failed: `fetch` says that in the cause alone. */
const inWords = (error: unknown): string => {
  if (error instanceof DOMException && error.name === 'TimeoutError') return `it did not answer within ${REQUEST_MS / 1_000} s`;
  return error instanceof TypeError && error.cause instanceof Error
    ? `it can't be reached: ${errorCode(error.cause) ?? error.cause.message}`
    : reasonOf(error);
};

/** An answer that another try can't change. */
class RefusedError extends Error {}

/** A wait that the other side asked for. */
class BusyError extends Error {
  readonly waitMs: number | undefined;
  constructor(status: number, waitMs: number | undefined) {
    super(`HTTP ${status}`);
    this.waitMs = waitMs;
  }
}

/**
 * Sends spans in batches to an OTLP endpoint. Nobody waits for it: spans beyond those that have room are left out, and
 * counted. A batch that may still be taken is tried again, with a growing wait.
 */
export const makeSpanSender = (deps: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly sender: Sender;
  readonly clock: Clock;
  readonly notices: SendNotices;
}): SpanSender => {
  const { clock, notices } = deps;
  const waiting: SpanDraft[] = [];
  let length = 0;
  let lost = 0;
  let failures = 0;
  let current: Promise<void> | undefined;
  let cancel: (() => void) | undefined;
  let isStopping = false;
  const stopping = new AbortController();

  const failed = (error: unknown): void => {
    failures++;
    if (failures === 1) notices.failed(inWords(error));
  };
  const taken = (rejected: number): void => {
    lost += rejected;
    if (rejected > 0) failed(new Error(`${rejected} spans were rejected`));
    else if (failures > 0) {
      notices.recovered(lost);
      failures = 0;
      lost = 0;
    }
  };

  /** What can't be encoded would be tried for ever. */
  const encoded = (batch: readonly SpanDraft[]): Buffer => {
    try {
      return encodeSpans(
        deps.sender,
        batch.flatMap(({ make }) => make() ?? []),
      );
    } catch (error) {
      throw new RefusedError(`spans could not be encoded: ${reasonOf(error)}`);
    }
  };

  const post = async (batch: readonly SpanDraft[]): Promise<number> => {
    const response = await fetch(deps.url, {
      method: 'POST',
      headers: { ...deps.headers, 'content-type': 'application/x-protobuf' },
      body: new Uint8Array(encoded(batch)),
      // A redirect would take the headers, which hold a key, to where nobody sent them.
      redirect: 'error',
      signal: AbortSignal.any([AbortSignal.timeout(REQUEST_MS), stopping.signal]),
    });
    // Its status says that the spans were taken: they are not sent again for an answer that never ends.
    if (response.ok) return beginningOf(response).then(rejectedIn, () => 0);
    await response.body?.cancel();
    if ([408, 429, 502, 503, 504].includes(response.status)) throw new BusyError(response.status, waitAsked(response));
    throw new RefusedError(`HTTP ${response.status}${HINTS[response.status] ?? ''}`);
  };

  /** Resolves to when the rest may be tried, in ms from now; undefined: there is no rest. */
  const send = async (): Promise<number | undefined> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, batchSize(waiting));
      length -= lengthOf(batch);
      try {
        taken(await post(batch));
      } catch (error) {
        failed(error);
        if (error instanceof RefusedError) {
          lost += batch.length;
          continue;
        }
        // What came meanwhile is newer, and is left out first.
        waiting.unshift(...batch);
        length += lengthOf(batch);
        while (waiting.length > MAX_WAITING || length > MAX_WAITING_LENGTH) {
          length -= waiting.pop()?.length ?? 0;
          lost++;
        }
        const waitMs = doublingMs(failures, GATHER_MS, MAX_WAIT_MS);
        return Math.min(MAX_WAIT_MS, Math.max(waitMs, (error instanceof BusyError && error.waitMs) || 0));
      }
    }
    return undefined;
  };

  const begin = (): void => {
    cancel?.();
    cancel = undefined;
    if (current) return;
    current = send().then((waitMs) => {
      current = undefined;
      if (!isStopping && waiting.length > 0) cancel = clock.after(waitMs ?? GATHER_MS, begin);
    });
  };

  return {
    add: (span) => {
      if (waiting.length >= MAX_WAITING || length > MAX_WAITING_LENGTH) {
        lost++;
        return;
      }
      waiting.push(span);
      length += span.length;
      if (current || isStopping) return;
      if (waiting.length >= MAX_BATCH && failures === 0) begin();
      else cancel ??= clock.after(GATHER_MS, begin);
    },
    stop: async () => {
      isStopping = true;
      const cancelLimit = clock.after(STOP_MS, () => stopping.abort(new Error('it had not answered when the process ended')));
      await current;
      begin();
      await current;
      cancelLimit();
    },
  };
};

const lengthOf = (spans: readonly SpanDraft[]): number => spans.reduce((length, span) => length + span.length, 0);

/** How many spans go into the next request: at least one. */
const batchSize = (waiting: readonly SpanDraft[]): number => {
  let size = 0;
  for (let length = 0; size < waiting.length && size < MAX_BATCH; size++) {
    length += waiting[size]?.length ?? 0;
    if (length > MAX_BATCH_LENGTH && size > 0) break;
  }
  return size;
};

/** The first bytes of the answer. The rest is not read. */
const beginningOf = async (response: Response): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop cancels the body.
    if (length >= MAX_ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES);
};

const waitAsked = ({ headers }: Response): number | undefined => {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return seconds > 0 ? seconds * 1_000 : undefined;
};
