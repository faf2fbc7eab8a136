import { type Alert, MAX_ALERTS_TOGETHER } from '../../domain/alert/alert.ts';
import {
  type AlertDelivery,
  type AlertRoad,
  type AlertSilence,
  failedDelivery,
  isDueDelivery,
  isSilenced,
  toldDelivery,
} from '../../domain/alert/delivery.ts';
import { type AlertRecord, alertOf } from '../../domain/alert/evaluate.ts';
import { present } from '../../domain/shared/present.ts';
import type { AlertChannel } from '../../ports/alert-channel.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError, reasonOf } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { callWithin } from './call-within.ts';

/** The longest that a channel may take. */
const SEND_MS = 20_000;
/** Whoever is killed while it sends is followed after this time: longer than it may take. */
const CLAIM_MS = 60_000;

export const roadOf = ({ name, gateway, refreshMs }: AlertChannel): AlertRoad => ({ channel: name, ...present({ gateway, refreshMs }) });

export interface AlertDeliverer {
  /** Begins to tell each channel what of these it is to be told now. A channel that is being told already goes on. */
  deliver(deliveries: readonly AlertDelivery[]): void;
  /** Resolves when nothing is being told. */
  idle(): Promise<void>;
  /** Aborts what is under way, and resolves when all of it has ended. */
  stop(): Promise<void>;
}

interface Claimed {
  readonly delivery: AlertDelivery;
  readonly alert: Alert;
}

/**
 * Tells channels of alerts. Each delivery is claimed in the store before it is sent, and its end is stored after: two
 * processes never send one at the same time, and whoever dies in between is followed by a repeat under the same key.
 * Channels do not wait for each other.
 */
export const makeAlertDeliverer = (deps: {
  readonly channels: readonly AlertChannel[];
  readonly unitOfWork: UnitOfWork;
  readonly clock: Clock;
  readonly events: Events;
  readonly redact: Redact;
}): AlertDeliverer => {
  const { channels, unitOfWork, clock, events, redact } = deps;
  const { claim, settle } = makeClaims(unitOfWork, clock);
  const running = new Map<string, Promise<void>>();
  const stopping = new AbortController();

  const sendOnce = (channel: AlertChannel, alerts: readonly Alert[]): Promise<void> =>
    callWithin(clock, SEND_MS, (signal) => channel.send(alerts, signal), stopping.signal);

  const failed = async (channel: AlertChannel, claimed: readonly Claimed[], error: unknown): Promise<void> => {
    // Whether it arrived is not known: whoever comes next tells it at once.
    if (stopping.signal.aborted) return settle(channel, claimed, (stored, _, now) => ({ ...stored, dueAt: now }));
    const reason = redact(reasonOf(error));
    const retryable = !isPortError(error) || error.retryable;
    const retryAfterMs = isPortError(error) ? error.retryAfterMs : undefined;
    const told: (() => void)[] = [];
    await settle(channel, claimed, (stored, { status, resolvedAt }, now) => {
      const next = failedDelivery(stored, { reason, retryable, ...present({ retryAfterMs }) }, { now, ...present({ resolvedAt }) });
      const waitMs = next.dueAt === undefined ? undefined : next.dueAt - now;
      const { key, failures } = next;
      told.push(() =>
        events.emit({ type: 'alert-not-delivered', key, channel: channel.name, status, failures, reason, ...present({ waitMs }) }),
      );
      return next;
    });
    for (const tell of told) tell();
  };

  const send = async (channel: AlertChannel, claimed: readonly Claimed[]): Promise<void> => {
    try {
      await sendOnce(
        channel,
        claimed.map(({ alert }) => alert),
      );
    } catch (error) {
      // One that the other side can't take must not hold back the others.
      if (claimed.length > 1 && isPortError(error) && !error.retryable) {
        for (const one of claimed) await send(channel, [one]);
        return;
      }
      return failed(channel, claimed, error);
    }
    await settle(channel, claimed, (stored, { status }, now) => toldDelivery(stored, status, roadOf(channel), now));
    for (const { alert, delivery } of claimed)
      if (delivery.told !== alert.status)
        events.emit({ type: 'alert-delivered', key: alert.key, channel: channel.name, status: alert.status });
  };

  const deliverTo = async (channel: AlertChannel): Promise<void> => {
    try {
      while (!stopping.signal.aborted) {
        const claimed = await claim(channel);
        if (claimed.length === 0) return;
        await send(channel, claimed);
      }
    } catch (error) {
      events.emit({ type: 'poll-failed', loop: `alerts to ${channel.name}`, failures: 1, reason: reasonOf(error), error });
    }
  };

  const idle = async (): Promise<void> => {
    await Promise.all(running.values());
  };

  return {
    deliver: (deliveries) => {
      const now = clock.now();
      const due = new Set(deliveries.flatMap((delivery) => (isDueDelivery(delivery, now) ? [delivery.channel] : [])));
      for (const channel of channels) {
        const { name } = channel;
        if (!due.has(name) || running.has(name) || stopping.signal.aborted) continue;
        running.set(
          name,
          deliverTo(channel).finally(() => running.delete(name)),
        );
      }
    },
    idle,
    stop: async () => {
      stopping.abort();
      await idle();
    },
  };
};

/** What that channel is to be told now, the oldest first. */
const dueFor = (
  channel: string,
  stored: {
    readonly deliveries: readonly AlertDelivery[];
    readonly records: readonly AlertRecord[];
    readonly silences: readonly AlertSilence[];
    readonly now: number;
  },
): readonly Claimed[] => {
  const records = new Map(stored.records.map((record) => [record.key, record]));
  return stored.deliveries
    .flatMap((delivery): Claimed[] => {
      if (delivery.channel !== channel || !isDueDelivery(delivery, stored.now)) return [];
      const record = records.get(delivery.key);
      const alert = record && alertOf(record);
      if (!record || !alert || alert.startedAt !== delivery.startedAt) return [];
      if (delivery.wants === 'firing' && isSilenced(record, stored.silences, stored.now)) return [];
      return [{ delivery, alert }];
    })
    .sort((a, b) => a.alert.startedAt - b.alert.startedAt)
    .slice(0, MAX_ALERTS_TOGETHER);
};

/** Takes deliveries for a process, and stores how they ended. */
const makeClaims = (unitOfWork: UnitOfWork, clock: Pick<Clock, 'now'>) => ({
  claim: ({ name }: AlertChannel): Promise<readonly Claimed[]> =>
    unitOfWork.run(async ({ alerts }) => {
      await alerts.lock();
      const now = clock.now();
      const [deliveries, records, silences] = [await alerts.deliveries(), await alerts.records(), await alerts.silences()];
      const due = dueFor(name, { deliveries, records, silences, now });
      if (due.length > 0) await alerts.putDeliveries(due.map(({ delivery }) => ({ ...delivery, dueAt: now + CLAIM_MS })));
      return due;
    }),

  settle: (
    { name }: AlertChannel,
    claimed: readonly Claimed[],
    change: (stored: AlertDelivery, alert: Alert, now: number) => AlertDelivery,
  ): Promise<void> =>
    unitOfWork.run(async ({ alerts }) => {
      await alerts.lock();
      const sent = new Map(claimed.map(({ delivery, alert }) => [delivery.key, { alert, startedAt: delivery.startedAt }]));
      const now = clock.now();
      const ends = (await alerts.deliveries()).flatMap((stored) => {
        const known = stored.channel === name ? sent.get(stored.key) : undefined;
        // Of the next incident nothing was said.
        return known && known.startedAt === stored.startedAt ? [change(stored, known.alert, now)] : [];
      });
      await alerts.putDeliveries(ends);
    }),
});
