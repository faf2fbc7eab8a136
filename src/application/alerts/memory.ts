import { availabilityIn, noteAvailability, noteDownTime, readSpans } from '../../domain/alert/availability.ts';
import { present } from '../../domain/shared/present.ts';
import type { KeyValueState } from '../../ports/storage/key-value-state.ts';
import type { GatewayState } from './sources.ts';

/** What the rules remember from look to look, and from process to process. */
export interface AlertMemory {
  /** The share of the time in which people could be answered. Undefined: nobody can say. */
  availability(windowMs: number, now: number): number | undefined;
  /** For how long a gateway has not been well, in ms; 0 where it is. */
  silentFor(gateway: string, now: number): number;
  /** Notes how the gateways are, and returns whether one became well or ceased to be. */
  note(gateways: readonly GatewayState[], now: number): boolean;
  /** Notes that all was looked at: whether people can be answered shows by the gateways that were noted last. */
  noteLooked(now: number): void;
  /** Notes that people can't be answered, whatever the gateways say: the storage fails. */
  noteDown(now: number): void;
  /**
   * Notes that this process begins to look. Where the one before was not stopped, nobody was answered since: from its
   * last look on, or from `aliveAt`, its last sign of life.
   */
  noteBegun(now: number, aliveAt?: number): void;
  /** As it is stored; `isStopped`: nobody looks from now on, and that is no failure. */
  text(isStopped?: boolean): string;
}

const KEY = 'memory';
/** More gateways than that are no gateways. */
const MAX_GATEWAYS = 20;

/** The memory as a process before has stored it. What can't be read is forgotten. */
export const loadAlertMemory = async (state: KeyValueState): Promise<AlertMemory> => makeAlertMemory(await state.get(KEY));

export const memoryEntry = (text: string): readonly [string, string] => [KEY, text];

/** Stores that this process stops, unless another one has stored something since this one stored `before`. */
export const storeStop = async (state: KeyValueState, memory: AlertMemory, before: string): Promise<void> => {
  if ((await state.get(KEY)) === before) await state.set(new Map([memoryEntry(memory.text(true))]));
};

export const makeAlertMemory = (stored?: string): AlertMemory => {
  const { spans: before, silentSince: since, lookedAt: looked } = parsed(stored);
  let spans = readSpans(before);
  /** Absent: nobody looked, or whoever did was stopped. */
  let lookedAt = typeof looked === 'number' ? looked : undefined;
  /** Undefined: nobody knows. */
  let isUp: boolean | undefined;
  let silentSince = new Map<string, number>(
    Object.entries(typeof since === 'object' && since !== null ? since : {}).flatMap(([gateway, at]) =>
      typeof at === 'number' ? [[gateway, at]] : [],
    ),
  );
  return {
    availability: (windowMs, now) => availabilityIn(spans, windowMs, now),
    silentFor: (gateway, now) => Math.max(0, now - (silentSince.get(gateway) ?? now)),
    note: (gateways, now) => {
      const down = gateways.filter(({ status }) => status === 'fail');
      const isChange = down.length !== silentSince.size || down.some(({ gateway }) => !silentSince.has(gateway));
      silentSince = new Map(down.slice(0, MAX_GATEWAYS).map(({ gateway }) => [gateway, Math.min(silentSince.get(gateway) ?? now, now)]));
      // Without a gateway to a platform, the page of this process answers.
      isUp = gateways.some(({ status }) => status === 'skipped') ? undefined : down.length === 0;
      return isChange;
    },
    noteBegun: (now, aliveAt = Number.NEGATIVE_INFINITY) => {
      if (lookedAt !== undefined) spans = noteDownTime(spans, Math.max(lookedAt, aliveAt), now);
    },
    noteLooked: (now) => {
      lookedAt = now;
      if (isUp !== undefined) spans = noteAvailability(spans, now, isUp);
    },
    noteDown: (now) => {
      lookedAt = now;
      spans = noteAvailability(spans, now, false);
    },
    text: (isStopped = false) =>
      JSON.stringify({
        spans,
        silentSince: Object.fromEntries(silentSince),
        ...present({ lookedAt: isStopped ? undefined : lookedAt }),
      }),
  };
};

const parsed = (stored: string | undefined): { readonly spans?: unknown; readonly silentSince?: unknown; readonly lookedAt?: unknown } => {
  try {
    const value: unknown = JSON.parse(stored ?? '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
};
