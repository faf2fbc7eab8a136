import type { IncomingMessage } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { InvalidValueError } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import { type Events, isPortError, reasonOf } from '../../ports/index.ts';
import { RequestError } from './request-error.ts';

/** For a path that can't be decoded: this happens before any route or hook. */
export const answerBadUrl = (error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void =>
  void sendError(
    reply,
    new RequestError(error.statusCode ?? 400, 'http/invalid-request', "the path can't be read: it is not well encoded"),
  );

/** The document that describes the routes, for a request to an unknown one. */
export const ROUTES_DOC = 'docs/reference/http-api.md';

/** Answers every failure as `{ error: { code, message, hint? } }`. */
export const answerErrors = (app: FastifyInstance, events: Events, maxRequestBytes: number): void => {
  app.setErrorHandler(async (thrown: FastifyError, request, reply) => {
    const error = asRequestError(thrown, request, maxRequestBytes);
    const fields = { method: request.method, path: pathOf(request), status: error.statusCode, code: error.code };
    if (error.statusCode >= 500)
      events.emit({ type: 'http-noticed', notice: 'request-failed', facts: { ...fields, reason: reasonOf(thrown), error: thrown } });
    else events.emit({ type: 'http-noticed', notice: 'request-refused', facts: { ...fields, reason: error.message } });
    // A connection that closes while its client still sends is reset: the client would never read why.
    if (error.statusCode === 413) await discardBody(request.raw);
    return sendError(reply, error);
  });
  app.setNotFoundHandler(async (request, reply) =>
    sendError(
      reply,
      new RequestError(404, 'http/not-found', `there is no ${request.method} ${pathOf(request).slice(0, 200)}`, {
        hint: `the routes are described in ${ROUTES_DOC}; the page is at /`,
      }),
    ),
  );
};

export const pathOf = ({ url }: FastifyRequest): string => url.split('?', 1)[0] as string;

const sendError = (reply: FastifyReply, error: RequestError): FastifyReply =>
  reply.code(error.statusCode).headers(error.headers).send(errorBody(error));

/** What is said of every failure. */
export const errorBody = ({ code, message, hint }: RequestError) => ({ error: { code, message, ...present({ hint }) } });

const asRequestError = (error: FastifyError, { method }: FastifyRequest, maxRequestBytes: number): RequestError => {
  if (error instanceof RequestError) return error;
  if (error instanceof InvalidValueError) return new RequestError(400, 'http/invalid-request', error.message);
  if (isPortError(error))
    return new RequestError(503, `storage/${error.code}`, `this can’t be done right now; ${doneBy(method)}`, UNAVAILABLE);
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new RequestError(413, 'http/body-too-large', `a request may have ${maxRequestBytes} bytes. Nothing of this one was taken`, {
        hint: 'send a shorter text, or the rest of it in further messages',
      });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new RequestError(415, 'http/unsupported-media-type', 'only JSON is understood', {
        hint: 'send Content-Type: application/json',
      });
  }
  if (error.statusCode !== undefined && error.statusCode < 500)
    return new RequestError(error.statusCode, 'http/invalid-request', error.message);
  return new RequestError(500, 'http/internal', 'something went wrong here; the server’s log says what');
};

/** The storage may have failed behind what was asked for. */
const doneBy = (method: string): string => (['GET', 'HEAD'].includes(method) ? 'nothing was changed' : 'it may have been done');

const UNAVAILABLE = { hint: 'try again in a moment; the server’s log says what is wrong', headers: { 'retry-after': '1' } };

const DISCARD_AT_MOST_BYTES = 64 * 1024 * 1024;
const DISCARD_AT_MOST_MS = 5_000;

const discardBody = (body: IncomingMessage): Promise<void> =>
  new Promise((resolve) => {
    if (body.complete || body.destroyed) return resolve();
    const timer = setTimeout(resolve, DISCARD_AT_MOST_MS);
    let bytes = 0;
    body.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > DISCARD_AT_MOST_BYTES) resolve();
    });
    for (const event of ['end', 'close', 'error'])
      body.once(event, () => {
        clearTimeout(timer);
        resolve();
      });
    body.resume();
  });
