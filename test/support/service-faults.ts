import { expect } from 'chai';
import { systemClock } from '../../src/adapters/system/index.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { PortErrorCode } from '../../src/ports/port-error.ts';
import { failureOf } from './failure-of.ts';
import type { Handler } from './loopback.ts';

/** A service under test: what it is asked, and how its next requests fail. */
export interface FaultyService {
  ask(signal?: AbortSignal): Promise<unknown>;
  failNext(answer: Handler): void;
  /** How many requests it has got. */
  requests(): number;
  readonly key: string;
}

/** How long one request may take in these tests, in ms, once its answer stalls. */
const ATTEMPT_MS = 400;
/** Longer than three requests and the waits between them take, on a machine with much to do. */
export const BOUND_MS = 15_000;

export const patience = { attemptMs: ATTEMPT_MS, baseMs: 20 } as const;

/** Those who wait for the end of an attempt. */
const attempts = new Set<() => void>();

/** The time of an attempt begins where its answer stalls: what a busy machine does slowly is not late. */
export const clock: Clock = {
  ...systemClock,
  after: (ms, run) => {
    if (ms !== ATTEMPT_MS) return systemClock.after(ms, run);
    attempts.add(run);
    return () => void attempts.delete(run);
  },
};

const beginAttempts = (): void => {
  for (const run of attempts) systemClock.after(ATTEMPT_MS, () => attempts.delete(run) && run());
};

const answer =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Handler =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body);
  };
export const refusal = (status: number, headers?: Readonly<Record<string, string>>): Handler =>
  answer(
    status,
    JSON.stringify({
      object: 'error',
      status,
      code: 'service_overload',
      message: 'because-of-this',
      error: { message: 'because-of-this' },
    }),
    headers,
  );
const stall: Handler = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"results": [', beginAttempts);
};
const cut: Handler = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"results": [', () => response.destroy());
};
const endless: Handler = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const part = ' '.repeat(65_536);
  const more = (): void => {
    while (response.write(part));
  };
  response.on('drain', more);
  more();
};

/** What one fault comes to: the failure, how many requests were made, and what its words hold. */
export const SERVICE_FAULTS: readonly (readonly [what: string, fault: Handler, code: PortErrorCode, requests: number, words: RegExp])[] = [
  ['401', refusal(401), 'unauthorised', 1, /refused the credentials \(HTTP 401\)$/],
  ['429 with Retry-After: 3600', refusal(429, { 'retry-after': '3600' }), 'rate-limited', 1, /pause of 60 minutes$/],
  ['529 for ever', refusal(529), 'unavailable', 3, /HTTP 529: because-of-this$/],
  ['a stall after the headers', stall, 'timeout', 1, /did not give its whole answer within 1 s$/],
  ['a cut in mid-stream, again and again', cut, 'unavailable', 3, /can't be reached, or the connection broke$/],
  ['a malformed body', answer(200, '{"results": ['), 'malformed-reply', 1, /what its protocol does not allow$/],
  ['a body of another shape', answer(200, '{"results": 7}'), 'malformed-reply', 1, /what its protocol does not allow$/],
  ['null', answer(200, 'null'), 'malformed-reply', 1, /what its protocol does not allow$/],
  ['HTML with 200', answer(200, '<html>Sign in</html>', { 'content-type': 'text/html' }), 'malformed-reply', 1, /a web page answers there/],
  ['HTML that is called JSON', answer(200, '<html>Sign in</html>'), 'malformed-reply', 1, /what its protocol does not allow$/],
  ['a body without an end', endless, 'malformed-reply', 1, /the answer has no end/],
];

/** Each fault comes to one outcome, in words that hold no key, within a bounded time. */
export const itBearsFaults = (service: () => FaultyService): void => {
  for (const [what, fault, code, requests, words] of SERVICE_FAULTS)
    it(`maps ${what} to ${code}, after ${requests === 1 ? 'one request' : `${requests} requests`}`, async () => {
      const { ask, failNext, requests: count, key } = service();
      for (let n = 0; n < 4; n++) failNext(fault);
      const startedAt = performance.now();
      const error = await failureOf(ask());
      expect(error).to.include({ code });
      expect(error.message).to.match(words).and.not.include(key);
      expect(count()).to.equal(requests);
      expect(performance.now() - startedAt).to.be.below(BOUND_MS);
    });

  it('answers after 529 twice, and after a connection that was cut', async () => {
    const { ask, failNext, requests } = service();
    failNext(refusal(529));
    failNext(refusal(529));
    await ask();
    expect(requests()).to.be.at.least(3);
    failNext(cut);
    await ask();
  });

  it('ends at an abort, before the call and in mid-stream', async () => {
    const { ask, failNext } = service();
    expect(await failureOf(ask(AbortSignal.abort()))).to.include({ code: 'aborted' });
    const quit = new AbortController();
    failNext((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"results": [', () => quit.abort());
    });
    expect(await failureOf(ask(quit.signal))).to.include({ code: 'aborted' });
  });
};
