import { type Alert, MAX_ALERTS_TOGETHER } from '../../domain/alert/alert.ts';
import { type AlertDelivery, isDueDelivery, isSilenced } from '../../domain/alert/delivery.ts';
import { alertOf } from '../../domain/alert/evaluate.ts';
import type { AlertChannel } from '../../ports/alert-channel.ts';
import type { Clock } from '../../ports/clock.ts';
import type { AlertStore } from '../../ports/storage/alert-store.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';

/** A delivery that this process alone sends for a while, with its alert. */
export interface ClaimedDelivery {
  readonly delivery: AlertDelivery;
  readonly alert: Alert;
}

interface Parts {
  readonly unitOfWork: UnitOfWork;
  readonly clock: Pick<Clock, 'now'>;
}

/** Claims what is due for a channel, the oldest first, for as long as sending so many may take. */
export const claimDue = (
  { unitOfWork, clock }: Parts,
  channel: string,
  claimMs: (count: number) => number,
): Promise<readonly ClaimedDelivery[]> =>
  unitOfWork.run(async ({ alerts }) => {
    await alerts.lock();
    const now = clock.now();
    const due = await dueFor(alerts, channel, now);
    const until = now + claimMs(due.length);
    if (due.length > 0) await alerts.putDeliveries(due.map(({ delivery }) => ({ ...delivery, dueAt: until })));
    return due;
  });

export type SendIn = NonNullable<AlertChannel['sendIn']>;

/** Sends what is due for a channel, in the commit that stores that it was sent. */
export const sendDueIn = (
  { unitOfWork, clock }: Parts,
  channel: string,
  sendIn: SendIn,
  change: (stored: AlertDelivery, alert: Alert, now: number) => AlertDelivery,
): Promise<readonly ClaimedDelivery[]> =>
  unitOfWork.run(async (stores) => {
    const { alerts } = stores;
    await alerts.lock();
    const now = clock.now();
    const due = await dueFor(alerts, channel, now);
    if (due.length === 0) return due;
    const sent = due.map(({ alert }) => alert);
    await sendIn(stores, sent);
    await alerts.putDeliveries(due.map(({ delivery, alert }) => change(delivery, alert, now)));
    return due;
  });

const dueFor = async (alerts: AlertStore, channel: string, now: number): Promise<readonly ClaimedDelivery[]> => {
  const [deliveries, all, silences] = [await alerts.deliveries(), await alerts.records(), await alerts.silences()];
  const records = new Map(all.map((record) => [record.key, record]));
  return deliveries
    .flatMap((delivery): ClaimedDelivery[] => {
      if (delivery.channel !== channel || !isDueDelivery(delivery, now)) return [];
      const record = records.get(delivery.key);
      const alert = record && alertOf(record);
      if (!record || !alert || alert.startedAt !== delivery.startedAt) return [];
      if (delivery.wants === 'firing' && isSilenced(record, silences, now)) return [];
      return [{ delivery, alert }];
    })
    .sort((a, b) => a.alert.startedAt - b.alert.startedAt)
    .slice(0, MAX_ALERTS_TOGETHER);
};

/** How a claimed delivery was stored in the end. */
export interface SettledDelivery extends ClaimedDelivery {
  readonly at: number;
}

/** Stores how claimed deliveries ended. */
export const settleClaims = (
  { unitOfWork, clock }: Parts,
  channel: string,
  claimed: readonly ClaimedDelivery[],
  change: (stored: AlertDelivery, alert: Alert, now: number) => AlertDelivery,
): Promise<readonly SettledDelivery[]> =>
  unitOfWork.run(async ({ alerts }) => {
    await alerts.lock();
    const sent = new Map(claimed.map(({ delivery, alert }) => [delivery.key, { alert, startedAt: delivery.startedAt }]));
    const now = clock.now();
    const ends = (await alerts.deliveries()).flatMap((stored) => {
      const known = stored.channel === channel ? sent.get(stored.key) : undefined;
      // Nothing was sent of the next incident.
      if (known?.startedAt !== stored.startedAt) return [];
      return [{ delivery: change(stored, known.alert, now), alert: known.alert, at: now }];
    });
    await alerts.putDeliveries(ends.map(({ delivery }) => delivery));
    return ends;
  });
