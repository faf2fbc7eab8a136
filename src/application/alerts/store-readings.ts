import { type AlertDelivery, type AlertSilence, type ChannelTraits, channelsFor, planDeliveries } from '../../domain/alert/delivery.ts';
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
  readonly channels: readonly ChannelTraits[];
  readonly storage: Pick<Storage, 'stores' | 'unitOfWork'>;
  readonly events: Events;
}

/**
 * Brings the stored alerts up to what was read, with a delivery for each channel that has to send a change. Where
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

const changeOf = ({ rules, channels }: Parts, stored: StoredAlerts, readings: AlertReadings, now: number): Change => {
  const step = stepAlerts(stored.records, readings, { rules, now });
  const silences = stored.silences.filter(({ until }) => until > now);
  const deliveries = planDeliveries(step.records, stored.deliveries, { channels, silences, now });
  const ended = stored.silences.filter(({ until }) => until <= now);
  return { step, deliveries, ended, isEmpty: step.changed.length + step.removed.length + deliveries.length + ended.length === 0 };
};

const read = async (alerts: Pick<AlertStore, 'records' | 'deliveries' | 'silences'>): Promise<StoredAlerts> => ({
  records: await alerts.records(),
  deliveries: await alerts.deliveries(),
  silences: await alerts.silences(),
});

const emitChange = ({ events, channels }: Parts, { step, ended }: Change, { deliveries }: StoredAlerts, now: number): void => {
  for (const record of step.fired) {
    const { key, rule, incident } = record;
    if (!incident) continue;
    const own = deliveries.filter((delivery) => delivery.key === key && delivery.startedAt === incident.startedAt);
    const { title, detail, severity } = incident;
    events.emit({ type: 'alert-fired', key, rule, severity, title, detail, channels: own.map(({ channel }) => channel) });
    if (channels.length === 0) events.emit({ type: 'alert-without-channel', key, reason: 'no-channel' });
    else if (channelsFor(record, channels).onlyByItself) events.emit({ type: 'alert-without-channel', key, reason: 'only-by-itself' });
  }
  for (const { key, rule, incident } of step.resolved) {
    if (!incident) continue;
    const firingMs = (incident.resolvedAt ?? now) - incident.startedAt;
    events.emit({ type: 'alert-resolved', key, rule, title: incident.title, firingMs });
  }
  for (const { target } of ended) events.emit({ type: 'alert-silence-ended', target, by: 'time' });
};
