import { type AlertDelivery, type ChannelTraits, failedDelivery, isDueDelivery, sentDelivery } from '../../domain/alert/delivery.ts';
import { present } from '../../domain/shared/present.ts';
import type { AlertChannel } from '../../ports/alert-channel.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError, reasonOf } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { makeAtOnce } from '../loops/at-once.ts';
import { callWithin } from '../loops/call-within.ts';
import { type ClaimedDelivery, claimDue, type SendIn, sendDueIn, settleClaims } from './claims.ts';

/** The longest that one send may take. */
const SEND_MS = 20_000;
/** So many alerts leave by one channel side by side, each alone. */
const MAX_AT_ONCE = 5;
/** To store how sending ended, on a machine that is slow. */
const SETTLE_MS = 40_000;

export const traitsOf = ({ name, gateway, refreshMs }: AlertChannel): ChannelTraits => ({
  channel: name,
  ...present({ gateway, refreshMs }),
});

export interface AlertDeliverer {
  /** Begins to send what of these is due. A channel that is sending already goes on. */
  deliver(deliveries: readonly AlertDelivery[]): void;
  /** Resolves when nothing is being sent. */
  idle(): Promise<void>;
  /** Aborts what is under way, and resolves when all of it has ended. */
  stop(): Promise<void>;
}

interface Parts {
  readonly channels: readonly AlertChannel[];
  readonly unitOfWork: UnitOfWork;
  readonly clock: Clock;
  readonly events: Events;
  readonly redact: Redact;
}

interface Sending extends Parts {
  /** Aborts as soon as this process stops. */
  readonly stopping: AbortSignal;
}

/**
 * Sends alerts by the channels. Each delivery is claimed in the store before it is sent, and its end is stored after:
 * two processes never send one at the same time. Where a process dies in between, the next one repeats the alert under
 * the same key. A channel that puts alerts into the store does so in the commit that stores their end, and repeats
 * nothing. Channels do not wait for each other.
 */
export const makeAlertDeliverer = (parts: Parts): AlertDeliverer => {
  const { channels, clock } = parts;
  const running = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  const sending: Sending = { ...parts, stopping: stopping.signal };

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
          deliverTo(sending, channel).finally(() => running.delete(name)),
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

/** Sends all that is due by one channel. Never rejects. */
const deliverTo = async (sending: Sending, channel: AlertChannel): Promise<void> => {
  const { sendIn } = channel;
  const sendNext = sendIn ? () => sendNextIn(sending, channel, sendIn) : () => claimAndSend(sending, channel);
  try {
    let isMore = true;
    while (isMore && !sending.stopping.aborted) isMore = await sendNext();
  } catch (error) {
    sending.events.emit({ type: 'poll-failed', loop: `alerts to ${channel.name}`, failures: 1, reason: reasonOf(error), error });
  }
};

/** Resolves to whether something was due. */
const claimAndSend = async (sending: Sending, channel: AlertChannel): Promise<boolean> => {
  const claimed = await claimDue(sending, channel.name, (count) => longestMs(channel, count));
  if (claimed.length > 0) await sendClaimed(sending, channel, claimed);
  return claimed.length > 0;
};

/** The same for a channel that puts alerts into the store: no claim is needed. */
const sendNextIn = async (sending: Sending, channel: AlertChannel, sendIn: SendIn): Promise<boolean> => {
  try {
    const sent = await sendDueIn(sending, channel.name, sendIn, (stored, { status }, now) =>
      sentDelivery(stored, status, traitsOf(channel), now),
    );
    emitDelivered(sending, channel, sent);
    return sent.length > 0;
  } catch (error) {
    // Nothing of it was stored.
    const claimed = await claimDue(sending, channel.name, (count) => longestMs(channel, count));
    await settleFailed(sending, channel, claimed, error);
    return false;
  }
};

/** How long sending so many may take at the most. Whoever is killed meanwhile is followed after this time. */
const longestMs = ({ sendsTogether }: AlertChannel, count: number): number => {
  const alone = Math.ceil(count / MAX_AT_ONCE);
  return SETTLE_MS + SEND_MS * (sendsTogether && count > 1 ? 1 + alone : alone);
};

/** Sends together where the channel can, else each alone: then each is settled by how it ended itself. */
const sendClaimed = async (sending: Sending, channel: AlertChannel, claimed: readonly ClaimedDelivery[]): Promise<void> => {
  if (channel.sendsTogether && claimed.length > 1) {
    const failure = await send(sending, channel, claimed);
    // One that the other side can't take must not hold back the others.
    if (!failure || !isPortError(failure.error) || failure.error.retryable) return settle(sending, channel, claimed, failure);
  }
  const atOnce = makeAtOnce(MAX_AT_ONCE);
  const ends = await Promise.allSettled(
    claimed.map((one) => atOnce(async () => settle(sending, channel, [one], await send(sending, channel, [one])))),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
};

interface Failure {
  readonly error: unknown;
}

/** Resolves to why the channel did not take them; undefined where it did. */
const send = async (
  { clock, stopping }: Sending,
  channel: AlertChannel,
  claimed: readonly ClaimedDelivery[],
): Promise<Failure | undefined> => {
  const alerts = claimed.map(({ alert }) => alert);
  try {
    await callWithin(clock, SEND_MS, (signal) => channel.send(alerts, signal), { stopping });
    return undefined;
  } catch (error) {
    return { error };
  }
};

const settle = async (
  sending: Sending,
  channel: AlertChannel,
  claimed: readonly ClaimedDelivery[],
  failure: Failure | undefined,
): Promise<void> => {
  if (!failure) return settleTaken(sending, channel, claimed);
  // Whether it arrived is not known: whoever comes next sends it at once.
  if (sending.stopping.aborted) await settleClaims(sending, channel.name, claimed, (stored, _, now) => ({ ...stored, dueAt: now }));
  else await settleFailed(sending, channel, claimed, failure.error);
};

const settleTaken = async (sending: Sending, channel: AlertChannel, claimed: readonly ClaimedDelivery[]): Promise<void> => {
  await settleClaims(sending, channel.name, claimed, (stored, { status }, now) => sentDelivery(stored, status, traitsOf(channel), now));
  emitDelivered(sending, channel, claimed);
};

const emitDelivered = ({ events }: Sending, { name }: AlertChannel, sent: readonly ClaimedDelivery[]): void => {
  for (const { alert, delivery } of sent)
    if (delivery.sent !== alert.status) events.emit({ type: 'alert-delivered', key: alert.key, channel: name, status: alert.status });
};

const settleFailed = async (
  sending: Sending,
  { name }: AlertChannel,
  claimed: readonly ClaimedDelivery[],
  error: unknown,
): Promise<void> => {
  const { events, redact } = sending;
  const reason = redact(reasonOf(error));
  const retryable = !isPortError(error) || error.retryable;
  const retryAfterMs = isPortError(error) ? error.retryAfterMs : undefined;
  const ends = await settleClaims(sending, name, claimed, (stored, { resolvedAt }, now) =>
    failedDelivery(stored, { reason, retryable, ...present({ retryAfterMs }) }, { now, ...present({ resolvedAt }) }),
  );
  for (const { delivery, alert, at } of ends) {
    const { key, failures, dueAt } = delivery;
    const waitMs = dueAt === undefined ? undefined : dueAt - at;
    events.emit({ type: 'alert-not-delivered', key, channel: name, status: alert.status, failures, reason, ...present({ waitMs }) });
  }
};
