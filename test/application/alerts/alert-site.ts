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

/** A road that remembers what it was told, and fails as it is told to. */
export interface FakeRoad extends AlertChannel {
  /** `12:01:00 firing gateway.silent:telegram` */
  readonly told: string[];
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
    readonly roads?: readonly string[];
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

  const makeRoad = (name: string, more: Partial<AlertChannel> = {}): FakeRoad => {
    const road: FakeRoad = {
      name,
      ...more,
      told: [],
      alerts: [],
      sends: 0,
      fails: undefined,
      send: async (alerts) => {
        road.sends++;
        await road.fails?.();
        road.alerts.push(...alerts);
        road.told.push(...alerts.map(({ status, key }) => `${clockOf(clock.now())} ${status} ${key}`));
      },
    };
    return road;
  };
  const roads: FakeRoad[] = (options.roads ?? ['webhook', 'email']).map((name) => makeRoad(name));

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
      channels: own.channels ?? roads,
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
    roads,
    makeRoad,
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
