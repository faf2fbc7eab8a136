import type { Alert } from '../../domain/alert/alert.ts';
import { type AlertDelivery, type AlertSilence, isSilenced, MAX_SILENCES, serviceOf } from '../../domain/alert/delivery.ts';
import { type AlertReading, type AlertRecord, alertKey, alertOf, alertState } from '../../domain/alert/evaluate.ts';
import { ALERT_RULE_IDS, type AlertRuleId, type AlertRules, isAlertRuleId } from '../../domain/alert/rules.ts';
import { operatorFact } from '../../domain/audit/facts.ts';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';
import { nearestName } from '../../domain/shared/nearest-name.ts';
import { present } from '../../domain/shared/present.ts';
import { err, ok } from '../../domain/shared/result.ts';
import type { AlertChannel } from '../../ports/alert-channel.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import type { Storage } from '../../ports/storage/storage.ts';
import type { Alerts, AlertsReport, ListedAlert, ListedRule, TestedChannel } from '../../ports/use-cases/alerts.ts';
import { callWithin } from '../loops/call-within.ts';
import { isCut, isStaleLook, readLastLook } from './last-look.ts';

const MAX_SILENCE_MS = 30 * 24 * 60 * 60_000;
const MAX_REASON_LENGTH = 200;
const TEST_MS = 20_000;
const MAX_FOUND = 3;
/** So many keys are named to somebody who mistypes one. */
const MAX_KEYS = 5;

interface Deps {
  readonly rules: AlertRules;
  readonly storage: Pick<Storage, 'stores' | 'state' | 'unitOfWork'>;
  readonly channels: readonly AlertChannel[];
  readonly clock: Clock;
  readonly events: Events;
  readonly redact: Redact;
}

export const makeAlerts = (deps: Deps): Alerts => ({
  list: () => list(deps),
  silence: async (target, forMs, reason) => {
    const { clock, events, redact, storage } = deps;
    if (!(forMs > 0 && forMs <= MAX_SILENCE_MS))
      return err({ code: 'alert/silence-too-long', message: 'a silence lasts at most 30 days, and longer than nothing' });
    const rule = target.split(':')[0] ?? '';
    if (!isAlertRuleId(rule)) return err({ code: 'alert/unknown', message: unknownTarget(target, rule) });
    const { keys, isWhole } = await keysOf(deps, rule);
    if (target !== rule && isWhole && !keys.includes(target))
      return err({ code: 'alert/unknown', message: unknownKey(target, rule, keys) });
    const shown = reason === undefined ? undefined : lineExcerpt(redact(reason), MAX_REASON_LENGTH);
    const at = clock.now();
    const silence: AlertSilence = { target, until: at + forMs, ...present({ reason: shown }) };
    const stored = await storage.unitOfWork.run(async ({ alerts, audit }) => {
      await alerts.lock();
      const others = (await alerts.silences()).filter((each) => each.target !== target);
      if (others.length >= MAX_SILENCES) return false;
      await alerts.putSilence(silence);
      await audit.add([operatorFact('silence-alert', { target, until: silence.until }, at)]);
      return true;
    });
    if (!stored) return err({ code: 'alert/too-many-silences', message: `there are ${MAX_SILENCES} silences already: end some first` });
    events.emit({ type: 'alert-silenced', ...silence, by: 'operator' });
    return ok(silence);
  },
  endSilence: async (target) => {
    const ended = await deps.storage.unitOfWork.run(async ({ alerts, audit }) => {
      await alerts.lock();
      const found = (await alerts.silences()).find((each) => each.target === target);
      if (!found) return undefined;
      await alerts.removeSilences([target]);
      await audit.add([operatorFact('end-alert-silence', { target }, deps.clock.now())]);
      return found;
    });
    if (!ended) return err({ code: 'alert/not-silenced', message: `nothing silences ${lineExcerpt(target, MAX_REASON_LENGTH)}` });
    deps.events.emit({ type: 'alert-silence-ended', target, by: 'operator' });
    return ok(ended);
  },
  test: async (only) => {
    const chosen = deps.channels.filter(({ name }) => only === undefined || name === only || serviceOf(name) === only);
    const names = deps.channels.map(({ name }) => name);
    const there = names.length === 0 ? 'none is configured; see docs/how-to/be-alerted.md' : `there are: ${names.join(', ')}`;
    if (chosen.length === 0)
      return err({
        code: 'alert/no-channel',
        message: only === undefined ? `no channel: ${there}` : `no channel is called ${only}: ${there}`,
      });
    return ok(await Promise.all(chosen.map((channel) => testOne(deps, channel))));
  },
});

const unknownTarget = (target: string, rule: string): string => {
  const near = nearestName(rule, ALERT_RULE_IDS);
  return near === undefined
    ? `no rule is called ${lineExcerpt(target, MAX_REASON_LENGTH)}: the rules are ${ALERT_RULE_IDS.join(', ')}`
    : `no rule is called ${lineExcerpt(rule, MAX_REASON_LENGTH)}: did you mean ${near}?`;
};

interface KnownKeys {
  readonly keys: readonly string[];
  /** Whether no other key can be meant. */
  readonly isWhole: boolean;
}

/** The keys of a rule that an alert has or had, the last look has read, or a silence holds back already. */
const keysOf = async ({ storage: { stores, state } }: Deps, rule: AlertRuleId): Promise<KnownKeys> => {
  const [records, silences, look] = await Promise.all([stores.alerts.records(), stores.alerts.silences(), readLastLook(state('alerts'))]);
  const readings = look?.readings[rule] ?? [];
  const read = readings.flatMap(({ subject }) => (subject === undefined ? [] : [alertKey(rule, subject)]));
  const stored = [...records.map(({ key }) => key), ...silences.map(({ target }) => target)];
  return { keys: [...new Set([...read, ...stored.filter((key) => key.startsWith(`${rule}:`))])], isWhole: !isCut(readings) };
};

/** A typing error would silence nothing, and nobody would notice. */
const unknownKey = (target: string, rule: AlertRuleId, keys: readonly string[]): string => {
  const near = nearestName(target, keys);
  const known = keys.length === 0 ? `${rule} has had none` : `${rule} has ${keys.slice(0, MAX_KEYS).join(', ')}`;
  return `no alert has the key ${lineExcerpt(target, MAX_REASON_LENGTH)}: ${near === undefined ? `${known}.` : `did you mean ${near}?`} ${rule} alone silences the whole rule`;
};

const list = async ({ rules, storage: { stores, state }, channels, clock }: Deps): Promise<AlertsReport> => {
  const [records, deliveries, allSilences, look] = await Promise.all([
    stores.alerts.records(),
    stores.alerts.deliveries(),
    stores.alerts.silences(),
    readLastLook(state('alerts')),
  ]);
  const now = clock.now();
  const silences = allSilences.filter(({ until }) => until > now);
  const known = records.filter(({ rule }) => isAlertRuleId(rule));
  return {
    ...present({ lookedAt: look?.at }),
    isStale: look === undefined || isStaleLook(look, now),
    channels: channels.map(({ name }) => name),
    alerts: known.map((record) => listed(record, deliveries, silences, now)).sort(firingFirst),
    rules: ALERT_RULE_IDS.map((id) => listedRule(id, rules, known, look?.readings[id])),
    silences,
  };
};

const listed = (record: AlertRecord, deliveries: readonly AlertDelivery[], silences: readonly AlertSilence[], now: number): ListedAlert => {
  const { key, rule, incident, since } = record;
  const state = alertState(record);
  const own = deliveries.filter((delivery) => delivery.key === key && delivery.startedAt === incident?.startedAt);
  return {
    key,
    rule,
    state,
    ...present({
      pendingSince: state === 'pending' ? since : undefined,
      alert: alertOf(record),
      silencedUntil: isSilenced(record, silences, now)?.until,
    }),
    deliveries: own.map(({ channel, sent, failures, lastError }) => ({ channel, failures, ...present({ sent, lastError }) })),
  };
};

const ORDER = ['firing', 'pending', 'resolved'];

const firingFirst = (a: ListedAlert, b: ListedAlert): number =>
  ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || changedAt(b) - changedAt(a);

const changedAt = ({ pendingSince, alert }: ListedAlert): number => pendingSince ?? alert?.resolvedAt ?? alert?.startedAt ?? 0;

const listedRule = (
  id: AlertRuleId,
  rules: AlertRules,
  records: readonly AlertRecord[],
  readings: readonly AlertReading[] | undefined,
): ListedRule => {
  const settings = rules[id];
  const states = new Set(records.filter(({ rule }) => rule === id).map(alertState));
  const found = (readings ?? []).flatMap((reading) => wordsOf(reading) ?? []);
  const isKnown = readings?.some(({ value }) => value !== undefined) ?? false;
  const state =
    settings.severity === 'off'
      ? 'off'
      : states.has('firing')
        ? 'firing'
        : states.has('pending')
          ? 'pending'
          : isKnown
            ? 'well'
            : 'unknown';
  return { id, state, settings, found: state === 'off' ? [] : found.slice(0, MAX_FOUND) };
};

const wordsOf = ({ subject, found }: AlertReading): string | undefined =>
  found === undefined || subject === undefined || found.includes(subject) ? found : `${subject}: ${found}`;

/** The incident is over at once: nothing of it stays open on the other side. */
const testOne = async ({ clock, redact }: Deps, channel: AlertChannel): Promise<TestedChannel> => {
  const now = clock.now();
  const alert: Alert = {
    status: 'firing',
    key: 'alert.test',
    title: 'A test of the alerts',
    detail: 'Somebody ran "kept alerts test". There is nothing to do.',
    severity: 'info',
    startedAt: now,
  };
  try {
    for (const each of [alert, { ...alert, status: 'resolved', resolvedAt: now } as const])
      await callWithin(clock, TEST_MS, (signal) => channel.send([each], signal));
    return { channel: channel.name, ...present({ note: channel.acceptedNote }) };
  } catch (error) {
    return { channel: channel.name, reason: redact(reasonOf(error)) };
  }
};
