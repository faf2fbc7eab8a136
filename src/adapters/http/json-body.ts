import type { FastifyInstance } from 'fastify';
import { RequestError } from './request-error.ts';

/** Has room for the longest text of a message several times, in any spelling of its characters. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;
/** Far more than any route needs, and few enough to be parsed or refused quickly. */
const MAX_VALUES = 1_000;
const MAX_DEPTH = 20;

/** The body limit that applies with this setting. */
export const bodyLimit = (maxRequestBytes: number): number => Math.min(maxRequestBytes, MAX_BODY_BYTES);

/**
 * Only JSON bodies are read: a form of another site can't send one without a preflight request. An empty body counts as
 * absent.
 */
export const readJsonOnly = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, body: string) =>
    body === '' ? undefined : parseBody(body),
  );
};

/** Looks at its size in values before it builds any of them. */
const parseBody = (body: string): unknown => {
  const { depth, values } = measure(body);
  if (depth > MAX_DEPTH) throw invalid(`the body nests lists or objects more than ${MAX_DEPTH} deep`);
  if (values > MAX_VALUES) throw invalid(`the body has more than ${MAX_VALUES} values`);
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw invalid('the body is not valid JSON');
  }
  if (poisons(value)) throw invalid('the body has a key that is not allowed, such as "__proto__"');
  return value;
};

const invalid = (message: string): RequestError => new RequestError(400, 'http/invalid-json', message);

const [QUOTE, COMMA, BACKSLASH] = [34, 44, 92];
const OPENERS = new Set([91, 123]);
const CLOSERS = new Set([93, 125]);

const measure = (json: string): { readonly depth: number; readonly values: number } => {
  let [level, depth, values] = [0, 0, 1];
  for (let at = 0; at < json.length; at++) {
    const letter = json.charCodeAt(at);
    if (letter === QUOTE) at = endOfString(json, at);
    else if (letter === COMMA) values++;
    else if (OPENERS.has(letter)) depth = Math.max(depth, ++level);
    else if (CLOSERS.has(letter)) level--;
  }
  return { depth, values };
};

/** The end of the string that begins at this offset. */
const endOfString = (json: string, start: number): number => {
  for (let at = start + 1; at < json.length; at++) {
    const letter = json.charCodeAt(at);
    if (letter === QUOTE) return at;
    if (letter === BACKSLASH) at++;
  }
  return json.length;
};

/** A key that changes the prototype of an object when its fields are copied. */
const poisons = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (Object.hasOwn(value, '__proto__') ||
    (Object.hasOwn(value, 'constructor') && Object.hasOwn(Object(Reflect.get(value, 'constructor')), 'prototype')) ||
    Object.values(value).some(poisons));
