import {
  type AlertDelivery,
  type AlertRoad,
  type AlertSilence,
  planDeliveries,
  roadsOf,
  unheardSince,
} from '../../domain/alert/delivery.ts';
import { type AlertReadings, type AlertRecord, type AlertStep, alertState, stepAlerts } from '../../domain/alert/evaluate.ts';
import type { AlertRules } from '../../domain/alert/rules.ts';
import type { AlertChannel, DeadManSwitch } from '../../ports/alert-channel.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Redact } from '../../ports/redact.ts';
import type { AlertStore } from '../../ports/storage/alert-store.ts';
import type { Storage } from '../../ports/storage/storage.ts';
import { makePollReport } from '../loops/poll-report.ts';
import { makeAlertDeliverer, roadOf } from './deliver-alerts.ts';
import { lookEntry } from './last-look.ts';
import { type Look, makeLook } from './look.ts';
import { type AlertMemory, loadAlertMemory, memoryEntry } from './memory.ts';
import { makeDeadManPings } from './ping-dead-man.ts';
import type { AlertReader } from './readers.ts';
import type { AlertSources } from './sources.ts';

/** From the end of one look to the next. */
export const LOOK_MS = 15_000;
/** What was seen is stored once in this time. */
const NOTE_MS = 60_000;
/** Where no road could be told for so long, somebody outside has to notice. */
const UNHEARD_MS = 5 * 60_000;

export interface AlertWatch {
  /** Looks once, and resolves when every channel was told, or has failed. Never rejects. */
  look(): Promise<void>;
  /** Looks now, and from then on every 15 s. */
  start(): void;
  /** Resolves when the look that is under way, and what is being sent, has ended. */
  stop(): Promise<void>;
}

export interface AlertWatchParts {
  readonly rules: AlertRules;
  readonly sources: Omit<AlertSources, 'storage'>;
  readonly storage: Pick<Storage, 'stores' | 'queue' | 'state' | 'unitOfWork'>;
  readonly channels: readonly AlertChannel[];
  readonly deadMan?: DeadManSwitch | undefined;
  readonly clock: Clock;
  readonly events: Events;
  readonly redact: Redact;
  /** Default: those of the rules. */
  readonly readers?: Readonly<Record<keyof AlertRules, AlertReader>> | undefined;
}

/** What stands in the store of alerts. */
interface Stored {
  readonly records: readonly AlertRecord[];
  readonly deliveries: readonly AlertDelivery[];
  readonly silences: readonly AlertSilence[];
}

/** What a look changes. */
interface Change {
  readonly step: AlertStep;
  readonly deliveries: readonly AlertDelivery[];
  readonly ended: readonly AlertSilence[];
  readonly isEmpty: boolean;
}

/**
 * Looks at the rules every 15 s, and tells the channels. It runs in the bot that leads, and keeps everything in the
 * store: the next process goes on where this one stopped. While the storage fails, nothing can be told once and for
 * all: then nobody is told, and the dead-man's switch hears nothing.
 */
export const makeAlertWatch = (parts: AlertWatchParts): AlertWatch => {
  const { rules, storage, channels, clock, events } = parts;
  const { stores, unitOfWork } = storage;
  const state = storage.state('alerts');
  const deliverer = makeAlertDeliverer({ channels, unitOfWork, clock, events, redact: parts.redact });
  const pings = makeDeadManPings({ deadMan: parts.deadMan, clock, events, redact: parts.redact });
  const roads: readonly AlertRoad[] = channels.map(roadOf);
  let loaded: { readonly memory: AlertMemory; readonly look: Look } | undefined;
  let isRunning = false;
  let cancel = (): void => undefined;
  let current: Promise<void> = Promise.resolve();
  let notedAt: number | undefined;
  const report = makePollReport(events, 'alerts');

  const load = async (): Promise<NonNullable<typeof loaded>> => {
    const memory = await loadAlertMemory(state);
    const { sources, readers, redact } = parts;
    const look = makeLook({ rules, sources: { ...sources, storage }, memory, clock, events, redact, ...(readers && { readers }) });
    return { memory, look };
  };

  const changeOf = (stored: Stored, readings: AlertReadings, now: number): Change => {
    const step = stepAlerts(stored.records, readings, { rules, now });
    const silences = stored.silences.filter(({ until }) => until > now);
    const deliveries = planDeliveries(step.records, stored.deliveries, { roads, silences, now });
    const ended = stored.silences.filter(({ until }) => until <= now);
    return { step, deliveries, ended, isEmpty: step.changed.length + step.removed.length + deliveries.length + ended.length === 0 };
  };

  const apply = async (readings: AlertReadings, now: number): Promise<Stored & { readonly isChanged: boolean }> => {
    const before = await read(stores.alerts);
    const sketched = changeOf(before, readings, now);
    if (sketched.isEmpty) return { ...before, isChanged: false };
    const [change, after] = await unitOfWork.run(async ({ alerts }) => {
      await alerts.lock();
      const found = changeOf(await read(alerts), readings, now);
      await alerts.put(found.step.changed);
      await alerts.remove(found.step.removed);
      await alerts.putDeliveries(found.deliveries);
      await alerts.removeSilences(found.ended.map(({ target }) => target));
      return [found, await read(alerts)] as const;
    });
    tell({ events, roads, now }, change, after);
    return { ...after, isChanged: true };
  };

  const isPast = (at: number | undefined, now: number): boolean => at === undefined || now < at || now - at >= NOTE_MS;

  const round = async (): Promise<void> => {
    const now = clock.now();
    try {
      loaded ??= await load();
      const { memory, look } = loaded;
      // Where they can't be asked, the rule that asks them says so.
      const isChange = await parts.sources.gateways().then(
        (gateways) => memory.note(gateways, now),
        () => false,
      );
      const readings = await look(now);
      const after = await apply(readings, now);
      memory.noteLooked(now);
      if (isChange || after.isChanged || isPast(notedAt, now)) {
        await state.set(new Map([memoryEntry(memory), lookEntry(readings, now)]));
        notedAt = now;
      }
      report.worked();
      deliverer.deliver(after.deliveries);
      const isUnheard = now - (unheardSince(after.records.filter(isFiring), after.deliveries, roads) ?? now) > UNHEARD_MS;
      // What nobody could read, nobody looks at; what no road takes, nobody hears of.
      if (Object.keys(readings).length > 0 && !isUnheard) pings.alive();
    } catch (error) {
      loaded?.memory.noteDown(now);
      report.failed(error);
    }
  };

  const next = (): void => {
    current = round().then(() => {
      if (isRunning) cancel = clock.after(LOOK_MS, next);
    });
  };

  return {
    look: async () => {
      await round();
      await Promise.all([deliverer.idle(), pings.idle()]);
    },
    start: () => {
      isRunning = true;
      next();
    },
    stop: async () => {
      isRunning = false;
      cancel();
      await Promise.all([current, deliverer.stop(), pings.stop()]);
    },
  };
};

const isFiring = (record: AlertRecord): boolean => alertState(record) === 'firing';

const read = async (alerts: Pick<AlertStore, 'records' | 'deliveries' | 'silences'>): Promise<Stored> => ({
  records: await alerts.records(),
  deliveries: await alerts.deliveries(),
  silences: await alerts.silences(),
});

const tell = (
  { events, roads, now }: { readonly events: Events; readonly roads: readonly AlertRoad[]; readonly now: number },
  { step, ended }: Change,
  { deliveries }: Stored,
): void => {
  for (const record of step.fired) {
    const { key, rule, incident } = record;
    if (!incident) continue;
    const told = deliveries.filter((delivery) => delivery.key === key && delivery.startedAt === incident.startedAt);
    const { title, detail, severity } = incident;
    events.emit({ type: 'alert-fired', key, rule, severity, title, detail, channels: told.map(({ channel }) => channel) });
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
