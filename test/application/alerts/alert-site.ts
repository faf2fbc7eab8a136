import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { ALERT_READERS, type AlertReader } from '../../../src/application/alerts/readers.ts';
import type { GatewayState } from '../../../src/application/alerts/sources.ts';
import { makeAlertWatch } from '../../../src/application/alerts/watch-alerts.ts';
import { ALERT_RULE_IDS, type AlertRules, builtInAlertRules } from '../../../src/domain/alert/rules.ts';
import type { Alert, AlertReading, AlertRuleId } from '../../../src/domain/index.ts';
import type { AlertChannel, Clock, Storage } from '../../../src/ports/index.ts';
import { makeFixedClock, makeRecordingEvents } from '../../../src/testing/index.ts';

export const NOON = Date.UTC(2026, 10, 30, 12);
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;

/** A channel that remembers what it sent, and fails as a test says. */
export interface FakeChannel extends AlertChannel {
  /** `12:01:00 firing gateway.silent:telegram` */
  readonly sent: string[];
  readonly alerts: Alert[];
  /** How many sends it was asked for. */
  sends: number;
  fails: (() => Promise<void> | void) | undefined;
}

export const clockOf = (at: number): string => new Date(at).toISOString().slice(11, 19);

/** Processes on one store, at a fixed clock. Rules that nobody asks about find nothing. */
export const makeAlertSite = (
  options: {
    readonly storage?: Storage;
    readonly rules?: Partial<AlertRules>;
    readonly channels?: readonly string[];
    /** Rules that read what is stored and seen; of the others the test says what they find. */
    readonly realReaders?: readonly AlertRuleId[];
  } = {},
) => {
  const clock = makeFixedClock(NOON);
  const storage = options.storage ?? makeMemoryStorage();
  const events = makeRecordingEvents();
  const found = new Map<AlertRuleId, () => readonly AlertReading[] | Promise<readonly AlertReading[]>>();
  let gateways: readonly GatewayState[] = [{ gateway: 'telegram', status: 'ok', message: 'connected' }];
  const pings: number[] = [];
  let begun = 0;
  const site = { deadManFails: false };

  const makeChannel = (name: string, more: Partial<AlertChannel> = {}): FakeChannel => {
    const channel: FakeChannel = {
      name,
      ...more,
      sent: [],
      alerts: [],
      sends: 0,
      fails: undefined,
      send: async (alerts) => {
        channel.sends++;
        await channel.fails?.();
        channel.alerts.push(...alerts);
        channel.sent.push(...alerts.map(({ status, key }) => `${clockOf(clock.now())} ${status} ${key}`));
      },
    };
    return channel;
  };
  const channels: FakeChannel[] = (options.channels ?? ['webhook', 'email']).map((name) => makeChannel(name));

  const readers = Object.fromEntries(
    ALERT_RULE_IDS.map((rule): [AlertRuleId, AlertReader] => [
      rule,
      options.realReaders?.includes(rule) ? ALERT_READERS[rule] : async () => (await found.get(rule)?.()) ?? [{ found: 'nothing' }],
    ]),
  ) as Readonly<Record<AlertRuleId, AlertReader>>;

  /** A process that leads. */
  const begin = (own: { readonly clock?: Clock; readonly storage?: Storage; readonly channels?: readonly AlertChannel[] } = {}) =>
    makeAlertWatch({
      processId: `process-${++begun}`,
      rules: { ...builtInAlertRules(), ...options.rules },
      sources: { policy: { workspaces: [] }, gateways: async () => gateways },
      storage: own.storage ?? storage,
      channels: own.channels ?? channels,
      deadMan: {
        ping: async () => {
          if (site.deadManFails) throw new Error('nobody heard it');
          pings.push(clock.now());
        },
      },
      clock: own.clock ?? clock,
      events,
      redact: (text) => text.replaceAll('s3cret', '[redacted]'),
      readers,
    });

  return Object.assign(site, {
    clock,
    storage,
    events,
    channels,
    makeChannel,
    begin,
    pings,
    finds: (rule: AlertRuleId, ...readings: readonly AlertReading[]): void => void found.set(rule, () => readings),
    asks: (rule: AlertRuleId, ask: () => readonly AlertReading[] | Promise<readonly AlertReading[]>): void => void found.set(rule, ask),
    gatewaysAre: (next: readonly GatewayState[]): void => {
      gateways = next;
    },
    /** Looks every 15 s for that long. */
    during: async (watch: { look(): Promise<void> }, ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 15 * SECOND) {
        clock.advance(15 * SECOND);
        await watch.look();
      }
    },
  });
};
