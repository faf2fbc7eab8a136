import { isClean, isObject, jsonOf, openStandIn, type ReceivedRequest, strangers } from './stand-in.ts';

export const ROUTING_KEY = 'R0123456789ABCDEFGHIJKLMNOPQRSTU';

const EVENT = ['routing_key', 'event_action', 'dedup_key', 'client', 'client_url', 'images', 'links', 'payload'];
const PAYLOAD = ['summary', 'source', 'severity', 'timestamp', 'component', 'group', 'class', 'custom_details'];

/**
 * PagerDuty's Events API v2 (developer.pagerduty.com): `POST /v2/enqueue` alone, with events that its schema allows.
 */
export const openPagerDuty = () => {
  /** Keys of incidents that are open, and how many were ever opened. */
  const open = new Set<string>();
  let opened = 0;
  const service = openStandIn((asked) => {
    if (asked.path !== '/v2/enqueue' || asked.method !== 'POST')
      return { status: 404, problem: `${asked.method} ${asked.path}`, body: '{"status": "not found"}', type: 'application/json' };
    const { problem, dedupKey, action } = read(asked);
    if (problem !== undefined) {
      const body = JSON.stringify({ status: 'invalid event', message: 'Event object is invalid', errors: [problem] });
      return { status: 400, body, type: 'application/json', problem };
    }
    if (action === 'resolve') open.delete(dedupKey);
    else if (!open.has(dedupKey)) {
      open.add(dedupKey);
      opened++;
    }
    const body = JSON.stringify({ status: 'success', message: 'Event processed', dedup_key: dedupKey });
    return { status: 202, body, type: 'application/json' };
  });
  return service.then((made) => ({ ...made, open: (): readonly string[] => [...open], opened: () => opened }));
};

const read = (asked: ReceivedRequest): { readonly problem?: string; readonly dedupKey: string; readonly action: string } => {
  const event = jsonOf(asked);
  const problem = isObject(event) ? problemOf(event, asked.body.length) : 'this is no JSON object';
  const { dedup_key, event_action } = isObject(event) ? event : {};
  return { dedupKey: String(dedup_key), action: String(event_action), ...(problem === undefined ? {} : { problem }) };
};

const problemOf = (event: Readonly<Record<string, unknown>>, length: number): string | undefined => {
  const { routing_key, event_action, dedup_key, payload } = event;
  if (length > 512 * 1024) return 'it is longer than 512 KB';
  const unknown = strangers(event, EVENT);
  if (unknown.length > 0) return `what is ${unknown.join()}?`;
  if (routing_key !== ROUTING_KEY) return "'routing_key' is invalid (should be a 32 character string)";
  if (typeof dedup_key !== 'string' || dedup_key === '' || dedup_key.length > 255) return "'dedup_key' is missing or too long";
  if (event_action === 'resolve' || event_action === 'acknowledge') return undefined;
  if (event_action !== 'trigger') return "'event_action' is not known";
  if (!isObject(payload)) return "'payload' is missing or blank";
  const strange = strangers(payload, PAYLOAD);
  if (strange.length > 0) return `what is payload.${strange.join()}?`;
  const { summary, source, severity, timestamp } = payload;
  if (typeof summary !== 'string' || summary === '' || summary.length > 1_024 || !isClean(summary))
    return "'payload.summary' is missing or too long";
  if (typeof source !== 'string' || source === '') return "'payload.source' is missing or blank";
  if (!['critical', 'error', 'warning', 'info'].includes(String(severity))) return "'payload.severity' is invalid";
  return typeof timestamp === 'string' && !Number.isNaN(Date.parse(timestamp)) ? undefined : "'payload.timestamp' is no time";
};
