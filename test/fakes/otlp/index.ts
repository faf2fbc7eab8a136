import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { listenHttp } from '../../support/loopback.ts';
import { decodeSpans, MalformedError, type ReceivedSpan } from './decode.ts';

export type { ReceivedSpan };

/** How the receiver answers; by default as a collector that takes everything. */
export type Answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

/** An OTLP receiver over HTTP, on loopback: it takes protobuf alone, and refuses what the protocol does not allow. */
export const openOtlpReceiver = async () => {
  const spans: ReceivedSpan[] = [];
  const problems: string[] = [];
  const requests: IncomingHttpHeaders[] = [];
  const waiting = new Set<() => void>();
  let answer: Answer | undefined;

  const server = await listenHttp(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    requests.push(request.headers);
    for (const look of waiting) look();
    const body = Buffer.concat(chunks);
    if (answer) return answer(request, response, body);
    const refuse = (status: number, reason: string): void => {
      problems.push(reason);
      response.writeHead(status, { 'content-type': 'text/plain' }).end(reason);
    };
    if (request.method !== 'POST' || request.url !== '/v1/traces') return refuse(404, `${request.method} ${request.url}`);
    if (request.headers['content-type'] !== 'application/x-protobuf') return refuse(415, String(request.headers['content-type']));
    try {
      spans.push(...decodeSpans(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body));
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      return refuse(400, error.message);
    }
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    for (const look of waiting) look();
    return undefined;
  });

  const until = async (isThere: () => boolean): Promise<void> => {
    const done = Promise.withResolvers<void>();
    const look = (): void => {
      if (isThere()) done.resolve();
    };
    waiting.add(look);
    look();
    await done.promise;
    waiting.delete(look);
  };

  return {
    url: server.url,
    spans: (): readonly ReceivedSpan[] => spans,
    /** What was wrong with requests that it refused. */
    problems: (): readonly string[] => problems,
    /** The headers of each request, in order. */
    requests: (): readonly IncomingHttpHeaders[] => requests,
    answerWith: (next: Answer | undefined): void => {
      answer = next;
    },
    /** Resolves once the spans that came are such. */
    untilSpans: (are: (all: readonly ReceivedSpan[]) => boolean) => until(() => are(spans)),
    untilRequests: (count: number) => until(() => requests.length >= count),
    close: server.close,
  };
};

/** Parents that did not come, by the span that names them. A whole trace has none. */
export const missingParents = (spans: readonly ReceivedSpan[]): readonly string[] => {
  const there = new Set(spans.map(({ traceId, spanId }) => `${traceId} ${spanId}`));
  return spans.flatMap(({ traceId, parentSpanId, name }) =>
    parentSpanId === '' || there.has(`${traceId} ${parentSpanId}`) ? [] : [`${name} <- ${parentSpanId}`],
  );
};
