import type { ServiceFields, ServiceManager } from '../adapters/system/index.ts';
import type { EventListener } from '../application/index.ts';
import { type Drain, drainWords, inHandWords, type KeptEvent, type WorkInHand } from '../domain/index.ts';
import { type Clock, type Events, reasonOf } from '../ports/index.ts';

/** What a process is to people. */
export type Standing = 'answers' | 'stands by' | 'works';

/** What systemd is told of this process. Nothing waits for it, and nothing rejects. */
export interface ServiceVoice {
  /** It serves. From here on it gives signs of life, while it lives. */
  ready(): void;
  /** It takes over the configuration: `work` is done in between. */
  reloading(work: () => Promise<void>): Promise<void>;
  /** It ends. `extend` is called for each word of what it waits for. */
  stopping(): { readonly extend: (drain: Drain) => void; readonly end: () => void };
  /** Tells at once what changes who answers. */
  readonly listen: EventListener;
}

interface VoiceParts {
  /** Undefined where no service manager wants to be told. */
  readonly manager: ServiceManager | undefined;
  /** What it is, now. */
  readonly standing: () => Standing;
  readonly work: () => WorkInHand;
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

  const status = (): string => {
    const words = inHandWords(parts.work());
    return `${parts.standing()}; ${words === '' ? 'no work under way' : words}`;
  };

  const standing = (): ServiceFields => ({ [STANDING_FIELD]: parts.standing() });

  const beat = (): void => {
    if (!isReady || isStopping) return;
    cancel();
    cancel = clock.after(Math.min(STATUS_EACH_MS, (watchdogMs ?? Infinity) / 2), beat);
    const now = status();
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
      said = status();
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
    stopping: () => {
      isStopping = true;
      cancel();
      let last: Drain | undefined;
      let again = (): void => undefined;
      const extend = (): void => {
        again();
        again = clock.after(EXTEND_EACH_MS, extend);
        const words = last ? drainWords(last, clock.now()) : 'its parts to close';
        void tell({ EXTEND_TIMEOUT_USEC: EXTEND_BY_MS * 1_000, STATUS: `stops; waits for ${words}` });
      };
      if (manager) void tell({ STOPPING: 1 });
      return {
        extend: (drain) => {
          last = drain;
          if (manager) extend();
        },
        end: () => again(),
      };
    },
  };
};
