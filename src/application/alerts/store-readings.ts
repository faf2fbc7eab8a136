import { type AlertDelivery, type AlertRoad, type AlertSilence, planDeliveries, roadsOf } from '../../domain/alert/delivery.ts';
import { type AlertReadings, type AlertRecord, type AlertStep, stepAlerts } from '../../domain/alert/evaluate.ts';
import type { AlertRules } from '../../domain/alert/rules.ts';
import type { Events } from '../../ports/events.ts';
import type { AlertStore } from '../../ports/storage/alert-store.ts';
import type { Storage } from '../../ports/storage/storage.ts';

/** What the store of alerts holds. */
export interface StoredAlerts {
  readonly records: readonly AlertRecord[];
  readonly deliveries: readonly AlertDelivery[];
  readonly silences: readonly AlertSilence[];
}

/** What readings change. */
interface Change {
  readonly step: AlertStep;
  readonly deliveries: readonly AlertDelivery[];
  readonly ended: readonly AlertSilence[];
  readonly isEmpty: boolean;
}

interface Parts {
  readonly rules: AlertRules;
  readonly roads: readonly AlertRoad[];
  readonly storage: Pick<Storage, 'stores' | 'unitOfWork'>;
  readonly events: Events;
}

/**
 * Brings the stored alerts up to what was read, with a delivery for each road that has to hear of a change. Where
 * nothing changes, it only reads.
 */
export const storeReadings = async (
  parts: Parts,
  readings: AlertReadings,
  now: number,
): Promise<StoredAlerts & { readonly isChanged: boolean }> => {
  const { stores, unitOfWork } = parts.storage;
  const before = await read(stores.alerts);
  if (changeOf(parts, before, readings, now).isEmpty) return { ...before, isChanged: false };
  const [change, after] = await unitOfWork.run(async ({ alerts }) => {
    await alerts.lock();
    const found = changeOf(parts, await read(alerts), readings, now);
    await alerts.put(found.step.changed);
    await alerts.remove(found.step.removed);
    await alerts.putDeliveries(found.deliveries);
    await alerts.removeSilences(found.ended.map(({ target }) => target));
    return [found, await read(alerts)] as const;
  });
  emitChange(parts, change, after, now);
  return { ...after, isChanged: true };
};

const changeOf = ({ rules, roads }: Parts, stored: StoredAlerts, readings: AlertReadings, now: number): Change => {
  const step = stepAlerts(stored.records, readings, { rules, now });
  const silences = stored.silences.filter(({ until }) => until > now);
  const deliveries = planDeliveries(step.records, stored.deliveries, { roads, silences, now });
  const ended = stored.silences.filter(({ until }) => until <= now);
  return { step, deliveries, ended, isEmpty: step.changed.length + step.removed.length + deliveries.length + ended.length === 0 };
};

const read = async (alerts: Pick<AlertStore, 'records' | 'deliveries' | 'silences'>): Promise<StoredAlerts> => ({
  records: await alerts.records(),
  deliveries: await alerts.deliveries(),
  silences: await alerts.silences(),
});

const emitChange = ({ events, roads }: Parts, { step, ended }: Change, { deliveries }: StoredAlerts, now: number): void => {
  for (const record of step.fired) {
    const { key, rule, incident } = record;
    if (!incident) continue;
    const own = deliveries.filter((delivery) => delivery.key === key && delivery.startedAt === incident.startedAt);
    const { title, detail, severity } = incident;
    events.emit({ type: 'alert-fired', key, rule, severity, title, detail, channels: own.map(({ channel }) => channel) });
    if (roads.length === 0) events.emit({ type: 'alert-without-road', key, reason: 'no-channel' });
    else if (roadsOf(record, roads).onlyByItself) events.emit({ type: 'alert-without-road', key, reason: 'only-by-itself' });
  }
  for (const { key, rule, incident } of step.resolved) {
    if (!incident) continue;
    const firingMs = (incident.resolvedAt ?? now) - incident.startedAt;
    events.emit({ type: 'alert-resolved', key, rule, title: incident.title, firingMs });
  }
  for (const { target } of ended) events.emit({ type: 'alert-silence-ended', target });
};
