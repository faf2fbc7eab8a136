import { availabilityIn, noteAvailability, readSpans } from '../../domain/alert/availability.ts';
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
  /** As it is stored. */
  text(): string;
}

const KEY = 'memory';
/** More gateways than that are no gateways. */
const MAX_GATEWAYS = 20;

/** The memory as a process before has stored it. What can't be read is forgotten. */
export const loadAlertMemory = async (state: KeyValueState): Promise<AlertMemory> => makeAlertMemory(await state.get(KEY));

export const memoryEntry = (memory: AlertMemory): readonly [string, string] => [KEY, memory.text()];

export const makeAlertMemory = (stored?: string): AlertMemory => {
  const { spans: before, silentSince: since } = parsed(stored);
  let spans = readSpans(before);
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
    noteLooked: (now) => {
      if (isUp !== undefined) spans = noteAvailability(spans, now, isUp);
    },
    noteDown: (now) => {
      spans = noteAvailability(spans, now, false);
    },
    text: () => JSON.stringify({ spans, silentSince: Object.fromEntries(silentSince) }),
  };
};

const parsed = (stored: string | undefined): { readonly spans?: unknown; readonly silentSince?: unknown } => {
  try {
    const value: unknown = JSON.parse(stored ?? '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
};
