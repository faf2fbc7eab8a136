import type { EventOf, KeptEvent, KeptEventType } from '../domain/index.ts';
import type { Events } from '../ports/index.ts';

/** Keeps what it is told, in order. */
export interface RecordingEvents extends Events {
  readonly events: readonly KeptEvent[];
  /** The events of one type. */
  of<Type extends KeptEventType>(type: Type): readonly EventOf<Type>[];
}

export const makeRecordingEvents = (): RecordingEvents => {
  const events: KeptEvent[] = [];
  return {
    events,
    of: <Type extends KeptEventType>(type: Type) => events.filter((event): event is EventOf<Type> => event.type === type),
    emit: (event) => void events.push(event),
  };
};
