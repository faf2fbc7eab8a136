import type { AlertDelivery, AlertIncident, AlertRecord, AlertRuleId, AlertSilence } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { AlertStore } from '../../ports/index.ts';
import { integers, perDialect, type Sql, type Transaction, texts, type Values } from './sql.ts';

interface AlertRow {
  readonly key: string;
  readonly rule: string;
  readonly subject: string | null;
  readonly run: AlertRecord['run'];
  readonly since: number;
  readonly held_ms: number;
  readonly seen_at: number;
  readonly started_at: number | null;
  readonly fired_at: number | null;
  readonly resolved_at: number | null;
  readonly title: string | null;
  readonly detail: string | null;
  readonly severity: AlertIncident['severity'] | null;
}

/** The columns `told` and `told_at` keep their names, as databases have them: they hold `sent` and `sentAt`. */
interface DeliveryRow {
  readonly key: string;
  readonly channel: string;
  readonly started_at: number;
  readonly wants: AlertDelivery['wants'];
  readonly told: AlertDelivery['sent'] | null;
  readonly told_at: number | null;
  readonly failures: number;
  readonly due_at: number | null;
  readonly last_error: string | null;
}

interface SilenceRow {
  readonly target: string;
  readonly until: number;
  readonly reason: string | null;
}

const ALERT_COLUMNS = {
  ...texts('key', 'rule', 'subject', 'run', 'title', 'detail', 'severity'),
  ...integers('since', 'held_ms', 'seen_at', 'started_at', 'fired_at', 'resolved_at'),
};
const DELIVERY_COLUMNS = {
  ...texts('key', 'channel', 'wants', 'told', 'last_error'),
  ...integers('started_at', 'told_at', 'failures', 'due_at'),
};

/** An INSERT that replaces the rows with the same keys. */
const putInto = (table: string, keys: readonly string[], columns: Readonly<Record<string, string>>) => {
  const names = Object.keys(columns);
  const changed = names.filter((name) => !keys.includes(name)).map((name) => `${name} = excluded.${name}`);
  return (rows: string): string =>
    `INSERT INTO ${table} (${names.join(', ')}) SELECT ${names.join(', ')} FROM ${rows} WHERE true
      ON CONFLICT (${keys.join(', ')}) DO UPDATE SET ${changed.join(', ')}`;
};

const statements = perDialect(({ overRows, oneOf }) => ({
  putAlerts: overRows('given', ALERT_COLUMNS, putInto('alerts', ['key'], ALERT_COLUMNS)),
  putDeliveries: overRows('given', DELIVERY_COLUMNS, putInto('alert_deliveries', ['key', 'channel'], DELIVERY_COLUMNS)),
  removeAlerts: `DELETE FROM alerts WHERE ${oneOf('key', 'text')}`,
  removeDeliveries: `DELETE FROM alert_deliveries WHERE ${oneOf('key', 'text')}`,
  removeSilences: `DELETE FROM alert_silences WHERE ${oneOf('target', 'text')}`,
}));
const PUT_SILENCE = `INSERT INTO alert_silences (target, until, reason) VALUES (?, ?, ?)
  ON CONFLICT (target) DO UPDATE SET until = excluded.until, reason = excluded.reason`;

/** Alerts, over the database itself or over one transaction. */
export const makeAlertStore = <T extends Transaction>(sql: Sql<T>): AlertStore => {
  const { dialect } = sql;
  const made = statements(dialect);
  const over = (statement: typeof made.putAlerts, rows: readonly Values[]): Promise<void> =>
    rows.length === 0 ? Promise.resolve() : sql.write(async ({ query }) => void (await dialect.runOver(query, statement, rows)));
  return {
    lock: () => sql.write((transaction) => dialect.lock(transaction, 'alerts')),
    records: async () => (await sql.read<AlertRow>('SELECT * FROM alerts')).map(recordOf).sort(byText(({ key }) => key)),
    put: (records) => over(made.putAlerts, records.map(rowOfRecord)),
    remove: (keys) =>
      keys.length === 0
        ? Promise.resolve()
        : sql.write(async ({ query }) => {
            await query(made.removeDeliveries, [dialect.json(keys)]);
            await query(made.removeAlerts, [dialect.json(keys)]);
          }),
    deliveries: async () =>
      (await sql.read<DeliveryRow>('SELECT * FROM alert_deliveries'))
        .map(deliveryOf)
        .sort((a, b) => byText<AlertDelivery>(({ key }) => key)(a, b) || byText<AlertDelivery>(({ channel }) => channel)(a, b)),
    putDeliveries: (deliveries) => over(made.putDeliveries, deliveries.map(rowOfDelivery)),
    silences: async () => (await sql.read<SilenceRow>('SELECT * FROM alert_silences')).map(silenceOf).sort(byText(({ target }) => target)),
    putSilence: ({ target, until, reason }) =>
      sql.write(async ({ query }) => void (await query(PUT_SILENCE, [target, until, reason ?? null]))),
    removeSilences: (targets) =>
      targets.length === 0
        ? Promise.resolve()
        : sql.write(async ({ query }) => void (await query(made.removeSilences, [dialect.json(targets)]))),
  };
};

/** In the order of code units on every engine, whatever its collation. */
const byText =
  <Row>(textOf: (row: Row) => string) =>
  (a: Row, b: Row): number => {
    const [first, second] = [textOf(a), textOf(b)];
    return first < second ? -1 : first > second ? 1 : 0;
  };

const rowOfRecord = ({ key, rule, subject, run, since, heldMs, seenAt, incident }: AlertRecord): Values => ({
  key,
  rule,
  subject,
  run,
  since,
  held_ms: heldMs,
  seen_at: seenAt,
  started_at: incident?.startedAt,
  fired_at: incident?.firedAt,
  resolved_at: incident?.resolvedAt,
  title: incident?.title,
  detail: incident?.detail,
  severity: incident?.severity,
});

const recordOf = (row: AlertRow): AlertRecord => ({
  key: row.key,
  // A later version may have left rules that this one does not know: it forgets them.
  rule: row.rule as AlertRuleId,
  run: row.run,
  since: row.since,
  heldMs: row.held_ms,
  seenAt: row.seen_at,
  ...present({ subject: row.subject ?? undefined, incident: incidentOf(row) }),
});

const incidentOf = ({ started_at, fired_at, resolved_at, title, detail, severity }: AlertRow): AlertIncident | undefined =>
  started_at === null || fired_at === null
    ? undefined
    : {
        startedAt: started_at,
        firedAt: fired_at,
        title: title ?? '',
        detail: detail ?? '',
        severity: severity ?? 'error',
        ...present({ resolvedAt: resolved_at ?? undefined }),
      };

const rowOfDelivery = (delivery: AlertDelivery): Values => ({
  key: delivery.key,
  channel: delivery.channel,
  started_at: delivery.startedAt,
  wants: delivery.wants,
  told: delivery.sent,
  told_at: delivery.sentAt,
  failures: delivery.failures,
  due_at: delivery.dueAt,
  last_error: delivery.lastError,
});

const deliveryOf = (row: DeliveryRow): AlertDelivery => ({
  key: row.key,
  channel: row.channel,
  startedAt: row.started_at,
  wants: row.wants,
  failures: row.failures,
  ...present({
    sent: row.told ?? undefined,
    sentAt: row.told_at ?? undefined,
    dueAt: row.due_at ?? undefined,
    lastError: row.last_error ?? undefined,
  }),
});

const silenceOf = ({ target, until, reason }: SilenceRow): AlertSilence => ({
  target,
  until,
  ...present({ reason: reason ?? undefined }),
});
