import type { ServiceFields, ServiceManager } from '../adapters/system/index.ts';
import type { EventListener } from '../application/index.ts';
import { inHandWords, type KeptEvent, type WorkInHand } from '../domain/index.ts';
import { type Clock, type Events, reasonOf } from '../ports/index.ts';

/** What a process is to people. */
export type Standing = 'answers' | 'stands by' | 'works';

/** `answers; 2 turns, 1 promise (#3)` */
export const statusWords = (standing: Standing, work: WorkInHand): string => `${standing}; ${inHandWords(work) || 'no work under way'}`;

/** What systemd is told of this process. Nothing waits for it, and nothing rejects. */
export interface ServiceVoice {
  /** It serves. From here on it gives signs of life, while it lives. */
  ready(): void;
  /** It takes over the configuration: `work` is done in between. */
  reloading(work: () => Promise<void>): Promise<void>;
  /** It ends, and waits for what `waits` says. Returns what is called once nothing more is to be told. */
  stopping(waits: () => string): () => void;
  /** Tells at once what changes who answers. */
  readonly listen: EventListener;
}

interface VoiceParts {
  /** Undefined where no service manager wants to be told. */
  readonly manager: ServiceManager | undefined;
  /** What it is, now. */
  readonly standing: () => Standing;
  /** What it is at, in words. */
  readonly status: () => string;
  /** For how long the store has given no answer. */
  readonly unansweredMs: () => number;
  readonly clock: Clock;
  readonly events: Events;
  /** Microseconds of the monotonic clock. Default: that of this machine. */
  readonly monotonicUsec?: () => bigint;
}

/** Fields of this name are the program's own: a service manager takes no notice of them. */
export const STANDING_FIELD = 'X_KEPT_STANDING';
const CHANGES: ReadonlySet<KeptEvent['type']> = new Set([
  'leader-elected',
  'leader-standby',
  'leader-lost',
  'leader-lease-not-renewed',
] as const);

/** How often the status is told anew, where no watchdog wants it sooner. */
const STATUS_EACH_MS = 15_000;
/** How often, and by how much, a drain asks for more time. */
const EXTEND_EACH_MS = 5_000;
const EXTEND_BY_MS = 20_000;

/**
 * Speaks to the service manager. A sign of life comes from the loop of this process, and only while the store answers,
 * if only by a refusal: where one of them stalls, the manager hears nothing, and restarts this process.
 */
export const makeServiceVoice = (parts: VoiceParts): ServiceVoice => {
  const { manager, clock, events, unansweredMs } = parts;
  const { monotonicUsec = () => process.hrtime.bigint() / 1_000n } = parts;
  const watchdogMs = manager?.watchdogMs;
  let isReady = false;
  let isStopping = false;
  let said = '';
  let failure = '';
  let isWithheld = false;
  let cancel = (): void => undefined;

  const tell = async (fields: ServiceFields): Promise<void> => {
    try {
      await manager?.tell(fields);
      failure = '';
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== failure) events.emit({ type: 'service-manager-not-told', reason });
      failure = reason;
    }
  };

  const standing = (): ServiceFields => ({ [STANDING_FIELD]: parts.standing() });

  const beat = (): void => {
    if (!isReady || isStopping) return;
    cancel();
    cancel = clock.after(Math.min(STATUS_EACH_MS, (watchdogMs ?? Infinity) / 2), beat);
    const now = parts.status();
    const stalledMs = unansweredMs();
    const lives = watchdogMs !== undefined && stalledMs < watchdogMs;
    if (watchdogMs !== undefined && !lives && !isWithheld) events.emit({ type: 'watchdog-withheld', stalledMs });
    isWithheld = watchdogMs !== undefined && !lives;
    const fields = { ...(lives ? { WATCHDOG: 1 } : {}), ...(now === said ? {} : { STATUS: now, ...standing() }) };
    said = now;
    if (Object.keys(fields).length > 0) void tell(fields);
  };

  return {
    listen: ({ type }) => {
      if (manager && CHANGES.has(type)) beat();
    },
    ready: () => {
      if (!manager) return;
      isReady = true;
      said = parts.status();
      void tell({ READY: 1, STATUS: said, ...standing() });
      beat();
    },
    reloading: async (work) => {
      if (manager && isReady && !isStopping) {
        // The manager compares it with its own clock: whoever reads it later would tell another moment.
        void tell({ RELOADING: 1, MONOTONIC_USEC: String(monotonicUsec()) });
        await work();
        await tell({ READY: 1 });
      } else await work();
    },
    stopping: (waits) => {
      isStopping = true;
      cancel();
      if (!manager) return () => undefined;
      void tell({ STOPPING: 1 });
      let again = (): void => undefined;
      const extend = (): void => {
        again = clock.after(EXTEND_EACH_MS, extend);
        void tell({ EXTEND_TIMEOUT_USEC: EXTEND_BY_MS * 1_000, STATUS: `stops; waits for ${waits()}` });
      };
      extend();
      return () => again();
    },
  };
};
