import { asFields, asList, asText, type Fields } from './read-by-type.ts';

/** What a server says of a request that it refuses, as OpenAI's own puts it. */
export interface ApiErrorBody {
  readonly message: string;
  readonly code?: unknown;
  readonly param?: unknown;
  readonly type?: unknown;
}

/**
 * The error that a body tells of. Compatible servers put it under `error`, as an object or as mere words, or beside
 * `object: "error"`, or as the `detail` of a validator; OpenRouter puts what the server behind it said into `metadata`.
 */
export const apiErrorOf = (body: unknown): ApiErrorBody => {
  // Gemini's is alone in a list.
  const outer = asFields(asList(body)[0]);
  const inner = asFields(outer?.error) ?? statusOf(outer);
  const words = asText(outer?.error) ?? asText(body);
  if (words !== undefined) return { ...pick(outer ?? {}), message: words };
  const fields = inner ?? outer ?? {};
  const told = fields.message ?? fields.detail ?? outer?.detail ?? fields;
  const behind = asText(asFields(fields.metadata)?.raw);
  const message = asText(told) ?? JSON.stringify(told);
  return { ...pick(outer ?? {}), ...pick(fields), message: behind === undefined ? message : `${message}: ${behind}` };
};

/** MiniMax tells of an error beside an answer that is none. */
const statusOf = (outer: Fields | undefined): Fields | undefined => {
  const { status_code: code, status_msg: message } = asFields(outer?.base_resp) ?? {};
  return code ? { code, message } : undefined;
};

/** Whether what a stream brings is an error, and no part of a reply. */
export const isApiError = (data: unknown): boolean => {
  const fields = asFields(data);
  return Boolean(fields && (fields.error || fields.object === 'error' || fields.type === 'error' || statusOf(fields)));
};

const pick = (fields: Fields): Partial<ApiErrorBody> => {
  const { code, param, type } = fields;
  return { ...(code == null ? {} : { code }), ...(param == null ? {} : { param }), ...(type == null ? {} : { type }) };
};
