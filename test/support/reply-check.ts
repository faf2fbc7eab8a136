import { isDeepStrictEqual } from 'node:util';
import type { SentReply } from '../../src/adapters/http/index.ts';
import { COMMON_CODES, commonStatuses } from '../../src/adapters/http/refusals.ts';
import { refusal } from '../../src/adapters/http/schemas/common.ts';
import type { Reply } from '../../src/adapters/http/schemas/shown.ts';
import { tellBrokenReply } from './broken-replies.ts';

/** Holds a reply to what its route says: a status, code, field or event that it does not name fails the test. */
export const checkReply = (reply: SentReply): void => {
  const { route, status, event } = reply;
  const found = problemOf(reply);
  if (found !== undefined) tellBrokenReply(`${route.method} ${route.path} ${status}${event === undefined ? '' : ` ${event}`}: ${found}`);
};

const problemOf = ({ route, status, event, body }: SentReply): string | undefined => {
  if (event !== undefined) return differs(route.events?.[event], body);
  if (status in route.replies) {
    const isJson = route.contentType === undefined;
    return differs(route.replies[status], isJson ? JSON.parse(String(body)) : String(body));
  }
  if (status < 400) return 'the route names no such status';
  const told: unknown = JSON.parse(String(body));
  const known = [...(route.refusals?.[status] ?? []), ...(commonStatuses(route).includes(status) ? (COMMON_CODES[status] ?? []) : [])];
  const shape = differs(refusal, told);
  if (shape !== undefined) return shape;
  const { code } = refusal().parse(told).error;
  return known.includes(code) ? undefined : `the route names no refusal ${code} with this status, only ${known.join(', ') || 'none'}`;
};

/** Fields that the schema does not have are left out by zod, and so show as a difference. */
const differs = (schema: Reply | undefined, body: unknown): string | undefined => {
  if (!schema) return 'the route names no such event';
  const parsed = schema().safeParse(body);
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  if (isDeepStrictEqual(parsed.data, body)) return undefined;
  return `has what its schema does not have: ${JSON.stringify(body).slice(0, 500)}`;
};
