import { type ChannelTraits, unheardSince } from '../../domain/alert/delivery.ts';
import { ALERT_POLL_MS, type AlertRecord, alertState } from '../../domain/alert/evaluate.ts';
import { ALERT_RULE_IDS, type AlertRules } from '../../domain/alert/rules.ts';
import { MAX_LISTED_PROCESSES } from '../../domain/process/register.ts';
import { present } from '../../domain/shared/present.ts';
import type { AlertChannel, DeadManSwitch } from '../../ports/alert-channel.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Redact } from '../../ports/redact.ts';
import type { ProcessRegister } from '../../ports/storage/process-register.ts';
import type { Storage } from '../../ports/storage/storage.ts';
import { makePollReport } from '../loops/poll-report.ts';
import { type AlertDeliverer, makeAlertDeliverer, traitsOf } from './deliver-alerts.ts';
import { lookEntry } from './last-look.ts';
import { type AlertMemory, loadAlertMemory, memoryEntry, storeStop } from './memory.ts';
import { type DeadManPings, makeDeadManPings } from './ping-dead-man.ts';
import { makeReadRules, type ReadRules } from './read-rules.ts';
import type { AlertReader } from './readers.ts';
import type { AlertSources } from './sources.ts';
import { storeReadings } from './store-readings.ts';

/** What was seen is stored once in this time. */
const NOTE_MS = 60_000;
/** Where an alert reaches nobody for so long, somebody outside has to notice. */
const UNHEARD_MS = 5 * 60_000;

export interface AlertWatch {
  /** Looks once, and resolves when every channel has sent what is due, or has failed. Never rejects. */
  look(): Promise<void>;
  /** Looks now, and from then on every 15 s. */
  start(): void;
  /** Resolves when the look that is under way, and what is being sent, has ended. */
  stop(): Promise<void>;
}

export interface AlertWatchParts {
  /** The process that looks, as the register names it. */
  readonly processId: string;
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

/**
 * Reads the rules every 15 s, and sends what changes by the channels. It runs in the bot that leads, and keeps
 * everything in the store: the next process goes on where this one stopped. While the storage fails, nothing is sent,
 * as nothing could stop a repeat; the dead-man's switch gets no ping either.
 */
export const makeAlertWatch = (parts: AlertWatchParts): AlertWatch => {
  const { clock } = parts;
  const deliverer = makeAlertDeliverer({ ...parts, unitOfWork: parts.storage.unitOfWork });
  const pings = makeDeadManPings({ ...parts, deadMan: parts.deadMan });
  const rounds = makeRounds(parts, deliverer, pings);
  let isRunning = false;
  let cancel = (): void => undefined;
  let current: Promise<void> = Promise.resolve();

  const next = (): void => {
    current = rounds.round().then(() => {
      if (isRunning) cancel = clock.after(ALERT_POLL_MS, next);
    });
  };

  return {
    look: async () => {
      await rounds.round();
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
      await rounds.end();
    },
  };
};

/** What a process keeps from round to round. */
interface Loaded {
  readonly memory: AlertMemory;
  readonly readRules: ReadRules;
  /** What it stored last of its memory. */
  noted?: { readonly at: number; readonly text: string };
}

/** One round after the other; none of them rejects. `end` stores that this process stops. */
const makeRounds = (parts: AlertWatchParts, deliverer: AlertDeliverer, pings: DeadManPings) => {
  const { storage, channels, clock, events } = parts;
  const traits = channels.map(traitsOf);
  const report = makePollReport(events, 'alerts');
  let loaded: Loaded | undefined;
  return {
    round: async (): Promise<void> => {
      const now = clock.now();
      try {
        loaded ??= await load(parts, now);
        const { isHeard, deliveries } = await lookOnce(parts, traits, loaded, now);
        report.worked();
        deliverer.deliver(deliveries);
        if (isHeard) pings.alive();
      } catch (error) {
        loaded?.memory.noteDown(now);
        report.failed(error);
      }
    },
    end: async (): Promise<void> => {
      if (!loaded?.noted) return;
      try {
        await storeStop(storage.state('alerts'), loaded.memory, loaded.noted.text);
      } catch (error) {
        report.failed(error);
      }
    },
  };
};

const load = async (parts: AlertWatchParts, now: number): Promise<Loaded> => {
  const { processId, rules, sources, storage, clock, events, redact, readers } = parts;
  const memory = await loadAlertMemory(storage.state('alerts'));
  memory.noteBegun(now, await lastBeatOfLeader(storage.stores.processes, processId));
  const readRules = makeReadRules({ rules, sources: { ...sources, storage }, memory, clock, events, redact, ...present({ readers }) });
  return { memory, readRules };
};

/** The last sign of life of a bot that led before, and was not stopped. */
const lastBeatOfLeader = async (processes: Pick<ProcessRegister, 'list'>, processId: string): Promise<number | undefined> => {
  const led = (await processes.list({ limit: MAX_LISTED_PROCESSES })).filter(
    ({ id, work, stoppedAt }) => id !== processId && work.standing === 'leads' && stoppedAt === undefined,
  );
  return led.length === 0 ? undefined : Math.max(...led.map(({ heartbeatAt }) => heartbeatAt));
};

/** Reads every rule, and stores what that changes. */
const lookOnce = async (parts: AlertWatchParts, channels: readonly ChannelTraits[], loaded: Loaded, now: number) => {
  const { memory, readRules } = loaded;
  // Where they can't be asked, the rule that reads them fails, and an event names it.
  const isChange = await parts.sources.gateways().then(
    (gateways) => memory.note(gateways, now),
    () => false,
  );
  const readings = await readRules(now);
  const { records, deliveries, isChanged } = await storeReadings({ ...parts, channels }, readings, now);
  memory.noteLooked(now);
  if (isChange || isChanged || isPast(loaded.noted?.at, now)) {
    const text = memory.text();
    await parts.storage.state('alerts').set(new Map([memoryEntry(text), lookEntry(readings, now)]));
    loaded.noted = { at: now, text };
  }
  const unheard = unheardSince(records.filter(isFiring), deliveries, channels);
  // A ping means both: rules can be read, unless each is off, and alerts reach somebody.
  const isRead = Object.keys(readings).length > 0 || ALERT_RULE_IDS.every((id) => parts.rules[id].severity === 'off');
  const isHeard = isRead && now - (unheard ?? now) <= UNHEARD_MS;
  return { deliveries, isHeard };
};

const isPast = (at: number | undefined, now: number): boolean => at === undefined || now < at || now - at >= NOTE_MS;

const isFiring = (record: AlertRecord): boolean => alertState(record) === 'firing';
