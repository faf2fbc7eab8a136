import { ROUTES_DOC } from '../errors.ts';
import { COMMON_CODES, commonStatuses } from '../refusals.ts';
import { type Route, TAGS, takesKey } from '../route.ts';
import { refusal } from '../schemas/common.ts';
import type { JsonSchema } from '../schemas/names.ts';
import type { Schema } from '../schemas/shown.ts';
import { API_BASES } from '../serve-routes.ts';
import { EXAMPLES } from './examples.ts';
import { jsonSchemaOf, type Named } from './json-schema.ts';

type Json = Readonly<Record<string, unknown>>;
type Described = Route<never>;

const DESCRIPTION = `What people and programs can do with a running Kept over HTTP. Times are in ISO 8601 (UTC), and ids name their gateway.

Within v1, replies may get further fields, lists of words further words, and routes further parameters that may be left
out: take what you do not know as not there. Nothing is taken away, renamed or made narrower.

Each path under \`/api/v1\` answers alike under \`/api\`, where it was before there were versions. HEAD is answered like
GET, without the body. ${ROUTES_DOC} in the source tells more.`;

/** The OpenAPI document of these routes. */
export const openApiDocument = (routes: readonly Described[]): Json => {
  const named: Named = new Map();
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = pathOf(route);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, named) };
  }
  const error = jsonSchemaOf(refusal(), 'output', named);
  return {
    openapi: '3.1.0',
    info: { title: 'Kept', version: 'v1', description: DESCRIPTION, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/', description: 'The Kept that serves this document' }],
    tags: Object.entries(TAGS)
      .filter(([name]) => routes.some(({ tag }) => tag === name))
      .map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'The value of KEPT_API_TOKEN, where one is set; without one, everybody who can reach the server may ask.',
        },
      },
      responses: Object.fromEntries(
        Object.entries(COMMON).map(([status, [name, description]]) => [
          name,
          refused(`${description}: ${inWords(COMMON_CODES[Number(status)] ?? [])}`, error),
        ]),
      ),
      schemas: Object.fromEntries(
        [...named]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([id, schema]) => [id, { ...schema, ...(EXAMPLES[id] === undefined ? {} : { examples: [EXAMPLES[id]] }) }]),
      ),
    },
  };
};

/** The refusals that routes share: their name in the document, and what they mean. */
const COMMON: Readonly<Record<number, readonly [string, string]>> = {
  400: ['InvalidRequest', 'The request is not as described; the message names each field that is wrong'],
  401: ['Unauthorised', 'The token is missing or wrong'],
  403: ['Forbidden', '`Host` is not this server, or `Origin` is a site that it does not trust'],
  409: ['KeyInUse', 'The request with this idempotency key is being carried out'],
  413: ['TooLarge', 'The body is too large'],
  415: ['NotJson', 'The body is not declared as JSON'],
  422: ['KeyReused', 'The idempotency key was sent with another request'],
  429: ['RateLimited', 'More requests than are allowed in a minute'],
  500: ['Failed', 'Something went wrong; the log of the server says what'],
  503: ['Unavailable', 'Storage can’t be used right now; try again'],
};

/** `/promises/:id` as `/api/v1/promises/{id}`. */
const pathOf = ({ at, path }: Described): string => `${at === 'root' ? '' : API_BASES[0]}${path.replaceAll(/:(\w+)/g, '{$1}')}`;

const operation = (route: Described, named: Named): Json => {
  const { id, tag, summary, description, deprecated, needsToken, params, query, body, events } = route;
  const parameters = [
    ...parametersIn('path', params, named),
    ...parametersIn('query', query, named),
    ...(events ? [LAST_EVENT_ID] : []),
    ...(takesKey(route) ? [IDEMPOTENCY_KEY] : []),
  ];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(deprecated === undefined ? {} : { deprecated: true, 'x-deprecated-since': deprecated.since, 'x-successor': deprecated.successor }),
    security: needsToken === false ? [] : [{ token: [] }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: !body.isOptional(), content: { 'application/json': { schema: jsonSchemaOf(body, 'input', named) } } } }),
    responses: { ...successes(route, named), ...refusals(route) },
  };
};

const LAST_EVENT_ID = {
  name: 'Last-Event-ID',
  in: 'header',
  description: 'Where a reader goes on that was cut off; browsers send it by themselves',
  schema: { type: 'string' },
};

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'Names the request for 24 hours: it is carried out once, and who asks again gets the first answer',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
};

const parametersIn = (place: 'path' | 'query', schema: Schema | undefined, named: Named): readonly Json[] => {
  if (!schema) return [];
  const { properties = {}, required = [] } = jsonSchemaOf(schema, 'input', named) as {
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    ...(description === undefined ? {} : { description }),
    ...(place === 'path' || required.includes(name) ? { required: true } : {}),
    schema: rest,
  }));
};

const successes = ({ replies, contentType = 'application/json', events }: Described, named: Named): Json => {
  if (events)
    return {
      200: {
        description: 'Server-sent events; `x-events` names them, with the data of each.',
        content: { [contentType]: { schema: { type: 'string' } } },
        'x-events': Object.fromEntries(Object.entries(events).map(([name, data]) => [name, jsonSchemaOf(data(), 'output', named)])),
      },
    };
  return Object.fromEntries(
    Object.entries(replies).map(([status, schema]) => [
      status,
      {
        description: MEANINGS[Number(status)] ?? 'The answer',
        content: { [contentType]: { schema: jsonSchemaOf(schema(), 'output', named) } },
      },
    ]),
  );
};

const MEANINGS: Readonly<Record<number, string>> = { 200: 'Done', 202: 'Taken: it is durable', 503: 'Not ready' };

const refusals = (route: Described): Json => {
  const own = route.refusals ?? {};
  const statuses = [...new Set([...commonStatuses(route), ...Object.keys(own).map(Number)])].filter((status) => !(status in route.replies));
  return Object.fromEntries(
    statuses.sort().map((status) => {
      const [name] = COMMON[status] ?? [];
      const codes = own[status];
      return [
        status,
        codes === undefined && name !== undefined
          ? { $ref: `#/components/responses/${name}` }
          : refused(inWords([...(COMMON_CODES[status] ?? []), ...(codes ?? [])]), { $ref: '#/components/schemas/Refusal' }),
      ];
    }),
  );
};

const refused = (description: string, schema: JsonSchema): Json => ({ description, content: { 'application/json': { schema } } });

const inWords = (codes: readonly string[]): string => codes.map((code) => `\`${code}\``).join(', ');
