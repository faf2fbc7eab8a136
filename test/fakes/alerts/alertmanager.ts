import { isClean, isObject, jsonOf, openStandIn, strangers } from './stand-in.ts';

/**
 * An Alertmanager, as far as it is posted to: `/api/v2/alerts` of version 0.25. As the real one does, it refuses a
 * request for one wrong alert in it, and keeps the others.
 */
export const openAlertmanagerStandIn = () => {
  /** By labels: whether it fires. */
  const known = new Map<string, string | undefined>();
  const service = openStandIn((asked) => {
    const alerts = jsonOf(asked);
    if (asked.path !== '/api/v2/alerts' || asked.method !== 'POST') return { status: 404, problem: `${asked.method} ${asked.path}` };
    if (!Array.isArray(alerts)) return refusal('this is no array', 400);
    const problems = alerts.flatMap((alert: unknown) => {
      const problem = problemOf(alert);
      if (problem !== undefined) return [problem];
      const { labels, endsAt } = alert as { readonly labels: object; readonly endsAt?: string };
      known.set(JSON.stringify(Object.entries(labels).sort()), endsAt);
      return [];
    });
    return problems.length > 0 ? refusal(problems.join('; '), 400) : { status: 200 };
  });
  return service.then((made) => ({ ...made, known: (): ReadonlyMap<string, string | undefined> => known }));
};

const refusal = (problem: string, status: number) => ({ status, body: JSON.stringify(problem), type: 'application/json', problem });

const problemOf = (alert: unknown): string | undefined => {
  if (!isObject(alert)) return 'this is no alert';
  const unknown = strangers(alert, ['labels', 'annotations', 'startsAt', 'endsAt', 'generatorURL']);
  if (unknown.length > 0) return `what is ${unknown.join()}?`;
  const { labels, annotations, startsAt, endsAt } = alert;
  if (!isObject(labels) || !isObject(annotations)) return 'labels or annotations are missing';
  const isName = (name: string): boolean => /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
  const pairs = [...Object.entries(labels), ...Object.entries(annotations)];
  if (!pairs.every(([name, value]) => isName(name) && typeof value === 'string' && isClean(value))) return 'a label is malformed';
  if (!Object.values(labels).some((value) => value !== '')) return 'at least one label pair required';
  const [from, until] = [startsAt, endsAt].map((at) => (at === undefined ? undefined : Date.parse(String(at))));
  if (from === undefined || Number.isNaN(from) || Number.isNaN(until)) return 'a time is malformed';
  return until !== undefined && until < from ? 'start time must be before end time' : undefined;
};
