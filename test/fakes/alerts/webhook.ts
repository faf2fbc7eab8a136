import { createHmac, timingSafeEqual } from 'node:crypto';
import { isClean, isObject, jsonOf, openStandIn, type ReceivedRequest, strangers } from './stand-in.ts';

const FIELDS = ['status', 'key', 'title', 'detail', 'severity', 'startedAt', 'resolvedAt'];
const SEVERITIES = ['info', 'warning', 'error', 'critical'];
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** A receiver of webhooks as its author would write it by the documentation: it checks the signature over the bytes. */
export const openWebhook = (secret: string | undefined) =>
  openStandIn((asked) => {
    const problem = problemOf(asked, secret);
    return problem === undefined ? { status: 204 } : { status: 400, body: problem, problem };
  });

const problemOf = (asked: ReceivedRequest, secret: string | undefined): string | undefined => {
  if (asked.method !== 'POST') return `it is ${asked.method}`;
  if (!isSigned(asked, secret)) return 'the signature is wrong';
  const alert = jsonOf(asked);
  if (!isObject(alert)) return 'this is no JSON object';
  const unknown = strangers(alert, FIELDS);
  if (unknown.length > 0) return `what is ${unknown.join()}?`;
  const { status, key, title, detail, severity, startedAt, resolvedAt } = alert;
  if (![key, title, detail].every((text) => typeof text === 'string' && text !== '' && isClean(text)))
    return 'a text is missing, or is no clean text';
  if (/\n/.test(String(key) + String(title))) return 'the title has several lines';
  if (asked.body.length > 16_384) return 'it is too long';
  if (!SEVERITIES.includes(String(severity))) return 'the severity is not known';
  if (typeof startedAt !== 'string' || !TIME.test(startedAt)) return 'startedAt is no time';
  if (status === 'firing') return resolvedAt === undefined ? undefined : 'it fires, and is over';
  if (status !== 'resolved') return 'the status is not known';
  return typeof resolvedAt === 'string' && TIME.test(resolvedAt) && resolvedAt >= startedAt
    ? undefined
    : 'resolvedAt is no time after startedAt';
};

const isSigned = ({ headers, body }: ReceivedRequest, secret: string | undefined): boolean => {
  const given = headers['x-kept-signature'];
  if (secret === undefined) return given === undefined;
  const expected = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  return typeof given === 'string' && given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
};
