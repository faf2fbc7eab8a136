import { doublingMs } from '../shared/backoff.ts';
import { present } from '../shared/present.ts';
import type { AlertStatus } from './alert.ts';
import { ALERT_POLL_MS, type AlertRecord, alertState } from './evaluate.ts';
import { ALERT_RULE_IDS, ALERT_RULES, type AlertRuleId } from './rules.ts';

/** What rules know of a channel. */
export interface ChannelTraits {
  readonly channel: string;
  /** The gateway that it goes by. */
  readonly gateway?: string;
  /** How often it wants to hear again of an alert that goes on, in ms. Absent: once is enough. */
  readonly refreshMs?: number;
}

/** The service that a channel goes by: those of several mail addresses, `email` and `email-2`, go by one. */
export const serviceOf = (channel: string): string => channel.replace(/-\d+$/, '');

/** What one channel gets of one alert: of its latest incident. */
export interface AlertDelivery {
  readonly key: string;
  readonly channel: string;
  /** Names the incident, with the key. */
  readonly startedAt: number;
  /** The status that it is to get. */
  readonly wants: AlertStatus;
  /** The last status that it took; absent: none yet. */
  readonly sent?: AlertStatus;
  readonly sentAt?: number;
  /** How often in a row sending failed. */
  readonly failures: number;
  /** When it is sent, or sent again; absent: the channel is up to date. */
  readonly dueAt?: number;
  readonly lastError?: string;
}

/** Holds back alerts that people know of. */
export interface AlertSilence {
  /** A rule, or the key of one alert. */
  readonly target: string;
  /** In ms since 1970. */
  readonly until: number;
  readonly reason?: string;
}

export const MAX_SILENCES = 100;
/** Nothing is sent between two looks. */
const FIRST_RETRY_MS = ALERT_POLL_MS;
const LAST_RETRY_MS = 5 * 60_000;
/** What a repeat can't help is tried now and then: somebody may have mended the settings of the other side. */
const HOPELESS_RETRY_MS = 60 * 60_000;
/** How long news that an alert is over is worth sending. */
const RESOLVE_MAX_AGE_MS = 24 * 60 * 60_000;

export const isSilenced = (
  { key, rule }: Pick<AlertRecord, 'key' | 'rule'>,
  silences: readonly AlertSilence[],
  now: number,
): AlertSilence | undefined => silences.find(({ target, until }) => until > now && (target === key || target === rule));

/** Rules whose subject is the gateway that failed. */
const SILENT: AlertRuleId = 'gateway.silent';
const OF_GATEWAYS: ReadonlySet<AlertRuleId> = new Set<AlertRuleId>(ALERT_RULE_IDS.filter((id) => ALERT_RULES[id].subject === 'gateway'));

/**
 * The channels of an alert: all of them, except those by the very gateway that the alert is about. Where there is no
 * other, these: they may work, but nobody should rely on them.
 */
export const channelsFor = (
  { rule, subject }: Pick<AlertRecord, 'rule' | 'subject'>,
  channels: readonly ChannelTraits[],
): { readonly channels: readonly ChannelTraits[]; readonly onlyByItself: boolean } => {
  if (!OF_GATEWAYS.has(rule)) return { channels, onlyByItself: false };
  const others = channels.filter(({ gateway }) => gateway === undefined || gateway !== subject);
  return others.length > 0 ? { channels: others, onlyByItself: false } : { channels, onlyByItself: channels.length > 0 };
};

/**
 * The deliveries that have to be stored, so that each channel gets each alert. A silence holds back alerts, and never
 * the news that one is over. Whoever was to hear of an alert hears that it is over, whether or not it was reached
 * meanwhile.
 */
export const planDeliveries = (
  records: readonly AlertRecord[],
  stored: readonly AlertDelivery[],
  {
    channels,
    silences,
    now,
  }: { readonly channels: readonly ChannelTraits[]; readonly silences: readonly AlertSilence[]; readonly now: number },
): readonly AlertDelivery[] => {
  const known = new Map(stored.map((delivery) => [nameOf(delivery.key, delivery.channel), delivery]));
  const ofKey = Map.groupBy(stored, ({ key }) => key);
  return records.flatMap((record) => {
    const { key, incident } = record;
    if (!incident) return [];
    if (alertState(record) === 'firing') {
      if (isSilenced(record, silences, now)) return [];
      return channelsFor(record, channels).channels.flatMap(({ channel }) => {
        const before = known.get(nameOf(key, channel));
        if (before?.startedAt === incident.startedAt && before.wants === 'firing') return [];
        return [{ key, channel, startedAt: incident.startedAt, wants: 'firing', failures: 0, dueAt: now } as const];
      });
    }
    return (ofKey.get(key) ?? []).flatMap((delivery): AlertDelivery[] =>
      delivery.startedAt === incident.startedAt && delivery.wants === 'firing'
        ? [{ ...withoutError(delivery), wants: 'resolved', failures: 0, dueAt: now }]
        : [],
    );
  });
};

const nameOf = (key: string, channel: string): string => JSON.stringify([key, channel]);

/**
 * Since when an alert reaches nobody: all of its channels fail. A channel by a gateway that is silent takes what it is
 * given, and brings it to nobody. Undefined: each alert left by one channel at least, or by none at all: a silence
 * holds it back, or nobody has configured a channel.
 */
export const unheardSince = (
  firing: readonly AlertRecord[],
  deliveries: readonly AlertDelivery[],
  channels: readonly ChannelTraits[],
): number | undefined => {
  const ofKey = Map.groupBy(deliveries, ({ key }) => key);
  const silentSince = new Map(
    firing.flatMap(({ rule, subject, incident }) => (rule === SILENT && incident ? [[subject, incident.firedAt] as const] : [])),
  );
  const since = new Map(channels.map(({ channel, gateway }) => [channel, gateway === undefined ? undefined : silentSince.get(gateway)]));
  const unheard = firing.flatMap(({ key, incident }) => {
    const own = (ofKey.get(key) ?? []).filter(({ startedAt }) => startedAt === incident?.startedAt);
    const silent = own.flatMap(({ channel }) => since.get(channel) ?? []);
    const failing = own.every(({ channel, sent, failures }) => since.get(channel) !== undefined || (sent === undefined && failures > 0));
    return incident && own.length > 0 && failing ? [Math.max(incident.firedAt, ...silent)] : [];
  });
  return unheard.length === 0 ? undefined : Math.min(...unheard);
};

/** A wait that is longer than any was begun before the clock was put back. */
const LONGEST_WAIT_MS = 2 * HOPELESS_RETRY_MS;

/** Whether it is to be sent now. */
export const isDueDelivery = ({ dueAt }: Pick<AlertDelivery, 'dueAt'>, now: number): boolean =>
  dueAt !== undefined && (dueAt <= now || dueAt > now + LONGEST_WAIT_MS);

/** After the channel took `status`. What has changed meanwhile stays due. */
export const sentDelivery = (
  delivery: AlertDelivery,
  status: AlertStatus,
  traits: ChannelTraits | undefined,
  now: number,
): AlertDelivery => {
  const { key, channel, startedAt, wants } = delivery;
  const again = wants !== status ? now : status === 'firing' && traits?.refreshMs !== undefined ? now + traits.refreshMs : undefined;
  return { key, channel, startedAt, wants, sent: status, sentAt: now, failures: 0, ...present({ dueAt: again }) };
};

/** After sending failed. */
export const failedDelivery = (
  delivery: AlertDelivery,
  failure: { readonly reason: string; readonly retryable: boolean; readonly retryAfterMs?: number },
  { now, resolvedAt }: { readonly now: number; readonly resolvedAt?: number },
): AlertDelivery => {
  const failures = delivery.failures + 1;
  const { dueAt: _, ...rest } = delivery;
  const isOld = resolvedAt !== undefined && now - resolvedAt > RESOLVE_MAX_AGE_MS;
  const wait = failure.retryable
    ? Math.max(doublingMs(failures, FIRST_RETRY_MS, LAST_RETRY_MS), Math.min(failure.retryAfterMs ?? 0, HOPELESS_RETRY_MS))
    : HOPELESS_RETRY_MS;
  return { ...rest, failures, lastError: failure.reason, ...(isOld ? {} : { dueAt: now + wait }) };
};

const withoutError = ({ lastError: _, ...delivery }: AlertDelivery): AlertDelivery => delivery;
