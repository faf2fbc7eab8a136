import fc from 'fast-check';
import type { ApiDocument, Operation } from './api-document.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** What fits a schema of a request: of the parts of JSON Schema that the document uses. */
const fitting = (schema: JsonSchema): fc.Arbitrary<unknown> => {
  const {
    type,
    examples,
    enum: words,
    items,
    properties,
    required = [],
    minimum = 0,
    maximum,
    minItems = 0,
    minLength,
    maxLength,
    pattern,
  } = schema;
  if (Array.isArray(examples) && type !== 'object') return fc.constantFrom(...examples);
  if (Array.isArray(words)) return fc.constantFrom(...words);
  if (Array.isArray(type)) return fc.oneof(...type.map((each) => fitting({ ...schema, type: each })));
  switch (type) {
    case 'integer':
      return fc.oneof(
        fc.integer({ min: Number(minimum), max: Math.min(Number(maximum ?? 5), Number(minimum) + 5) }),
        fc.integer({ min: Number(minimum), max: Number(maximum ?? Number.MAX_SAFE_INTEGER) }),
      );
    case 'boolean':
      return fc.boolean();
    case 'string': {
      const [least, most] = [Number(minLength ?? 0), Math.min(Number(maxLength ?? 200), 200)];
      if (typeof pattern === 'string' && pattern.startsWith('^')) return fc.stringMatching(new RegExp(pattern));
      const some = fc.string({ minLength: least, maxLength: most });
      return typeof pattern === 'string' ? some.filter((text) => new RegExp(pattern).test(text)) : some;
    }
    case 'array':
      return fc.array(fitting(items as JsonSchema), { minLength: Number(minItems), maxLength: 4 });
    case 'object':
      return fc.record(
        Object.fromEntries(Object.entries((properties ?? {}) as Record<string, JsonSchema>).map(([name, each]) => [name, fitting(each)])),
        { requiredKeys: required as string[] },
      );
    default:
      throw new Error(`no values are made for ${JSON.stringify(schema)}`);
  }
};

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
}

const inQuery = (pairs: readonly (readonly [string, unknown])[]): string => {
  const written = new URLSearchParams(
    pairs.flatMap(([name, value]) => [value].flat().map((each): [string, string] => [name, String(each)])),
  );
  return written.size === 0 ? '' : `?${written}`;
};

const filled = (path: string, values: Readonly<Record<string, unknown>>): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));

const parametersIn = (place: string, { parameters = [] }: Operation) => parameters.filter((parameter) => parameter.in === place);

const bodySchema = ({ requestBody }: Operation): JsonSchema | undefined => requestBody?.content['application/json'].schema;

/** Requests that are as the document describes them. */
export const fittingRequests = (method: string, path: string, operation: Operation): fc.Arbitrary<ApiRequest> => {
  const schema = bodySchema(operation);
  return fc
    .record({
      place: fc.record(Object.fromEntries(parametersIn('path', operation).map((each) => [each.name, fitting(each.schema)]))),
      query: fc.record(Object.fromEntries(parametersIn('query', operation).map((each) => [each.name, fitting(each.schema)])), {
        requiredKeys: parametersIn('query', operation).flatMap(({ name, required }) => (required ? [name] : [])),
      }),
      body: schema ? fitting(schema) : fc.constant(undefined),
    })
    .map(({ place, query, body }) => ({
      method,
      path: filled(path, place) + inQuery(Object.entries(query)),
      ...(body === undefined ? {} : { body: JSON.stringify(body), contentType: 'application/json' }),
    }));
};

const anything = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    '',
    '0',
    '-1',
    '1e3',
    '1.5',
    '99999999999999999999',
    'null',
    'true',
    'local:',
    'telegram:-1:2:3',
    '../..',
    '%00',
    '__proto__',
    '�',
  ),
  fc.integer().map(String),
);
const inPath = anything.filter((text) => text !== '' && text !== '.' && text !== '..' && !text.includes('\ud800') && text.isWellFormed());

/** Requests of any form to the same address. */
export const anyRequests = (method: string, path: string, operation: Operation): fc.Arbitrary<ApiRequest> => {
  const names = parametersIn('query', operation).map(({ name }) => name);
  const name = fc.oneof(fc.constantFrom('limit', ...names), anything);
  const broken = fc.constantFrom(
    '{',
    '',
    '[1,2',
    '{"text":',
    '{"__proto__":{"a":1}}',
    'null',
    '"text"',
    '[]',
    `${'['.repeat(30)}${']'.repeat(30)}`,
  );
  const object = fc.dictionary(
    fc.oneof(fc.constantFrom('text', 'chatId', ...Object.keys((bodySchema(operation)?.properties as object) ?? {})), anything),
    fc.jsonValue({ maxDepth: 3 }),
    { maxKeys: 4 },
  );
  return fc
    .record({
      place: fc.record(
        Object.fromEntries(parametersIn('path', operation).map((each) => [each.name, fc.oneof(fitting(each.schema), inPath)])),
      ),
      query: fc.array(fc.tuple(name, anything), { maxLength: 4 }),
      body: fc.oneof(
        fc.constant(undefined),
        broken,
        fc.json({ maxDepth: 3 }),
        object.map((each) => JSON.stringify(each)),
      ),
      contentType: fc.constantFrom(
        'application/json',
        'application/json',
        'application/json',
        'text/plain',
        'application/x-www-form-urlencoded',
      ),
    })
    .map(({ place, query, body, contentType }) => ({
      method,
      path: filled(path, place) + inQuery(query.map(([key, value]) => [key.toWellFormed(), value.toWellFormed()])),
      ...(body === undefined || method === 'GET' ? {} : { body, contentType }),
    }));
};

/** Each operation of the document, with its method and path. */
export const operationsOf = ({ paths }: ApiDocument): readonly (readonly [method: string, path: string, operation: Operation])[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [method.toUpperCase(), path, operation] as const),
  );

export interface ApiAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** Sends it; of a stream, only the head is read. */
export const send = async (
  url: string,
  { method, path, body, contentType }: ApiRequest,
  headers: Readonly<Record<string, string>> = {},
): Promise<ApiAnswer> => {
  const leaving = new AbortController();
  const response = await fetch(url + path, {
    method,
    headers: { ...headers, ...(contentType === undefined ? {} : { 'content-type': contentType }) },
    signal: leaving.signal,
    ...(body === undefined ? {} : { body }),
  });
  const type = response.headers.get('content-type')?.split(';')[0] ?? '';
  const isStream = type === 'text/event-stream';
  const text = isStream ? '' : await response.text();
  if (isStream) leaving.abort();
  return { status: response.status, contentType: type, text };
};

/** What of an answer is not as the document says; undefined: nothing. */
export const differsFrom = (
  document: ApiDocument,
  check: (place: string, value: unknown) => string | undefined,
  [method, path, operation]: readonly [string, string, Operation],
  { status, contentType, text }: ApiAnswer,
): string | undefined => {
  if (status === 500) return `it failed: ${text}`;
  const told = operation.responses[status];
  if (!told) return `the document names no status ${status} here: ${text}`;
  const escaped = path.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D');
  const place = told.$ref ? told.$ref.slice(2) : `paths/${escaped}/${method.toLowerCase()}/responses/${status}`;
  const [, , name = ''] = told.$ref?.split('/').slice(1) ?? [];
  const shared = (document as unknown as { components: { responses: Record<string, { content?: object }> } }).components.responses[name];
  const content = (told.$ref ? shared?.content : told.content) ?? {};
  if (!(contentType in content)) return `the document names no ${contentType} with ${status}, only ${Object.keys(content).join(', ')}`;
  if (contentType !== 'application/json') return undefined;
  return check(`${place}/content/application~1json/schema`, JSON.parse(text));
};
