import { inputObject, isBlank } from '../../domain/conversation/model-conversation.ts';
import { present } from '../../domain/shared/present.ts';
import type { AssistantPart, Metadata, StreamPart } from './spec.ts';

/** A text or a thought, as far as it has come. */
interface Open {
  readonly type: 'text' | 'reasoning';
  text: string;
  metadata: Metadata | undefined;
}

type CallEvent = Extract<StreamPart, { type: 'tool-call' }>;
type GrowingEvent = Extract<StreamPart, { id: string }>;

/**
 * The parts of a reply in their order, with what the provider keeps beside each: signatures of thoughts, encrypted
 * thoughts, names of items.
 */
export const makeReplyParts = () => {
  const parts: (Open | AssistantPart)[] = [];
  const open = new Map<string, Open>();

  const openOf = ({ type, id }: GrowingEvent): Open => {
    const kind = type.startsWith('text') ? 'text' : 'reasoning';
    const key = `${kind} ${id}`;
    const known = open.get(key);
    if (known && !type.endsWith('-start')) return known;
    const begun: Open = { type: kind, text: '', metadata: undefined };
    open.set(key, begun);
    parts.push(begun);
    return begun;
  };

  return {
    /** Parts of a type that is not known here are passed over. */
    add(event: StreamPart): void {
      if (!isGrowing(event)) return;
      const part = openOf(event);
      if ('delta' in event) part.text += event.delta;
      part.metadata = merged(part.metadata, event.providerMetadata);
    },
    call({ toolCallId, toolName, providerMetadata }: CallEvent, input: unknown): void {
      const providerOptions = providerMetadata;
      parts.push({ type: 'tool-call', toolCallId, toolName, input: inputObject(input), ...present({ providerOptions }) });
    },
    /** The whole reply as its provider wants it back; undefined where it says nothing beyond its text and calls. */
    returned(): readonly AssistantPart[] | undefined {
      const all = parts.flatMap(returnedPart);
      return all.some((part) => part.type === 'reasoning' || part.providerOptions) ? all : undefined;
    },
  };
};

const GROWING = /^(text|reasoning)-(start|delta|end)$/;
const isGrowing = (event: StreamPart): event is GrowingEvent => GROWING.test(event.type);

const returnedPart = (part: Open | AssistantPart): readonly AssistantPart[] => {
  if (!('metadata' in part)) return [part];
  const { type, text, metadata: providerOptions } = part;
  // Providers send blank texts, and refuse to take them back.
  return isBlank(text) && !providerOptions ? [] : [{ type, text, ...present({ providerOptions }) }];
};

const merged = (before: Metadata | undefined, now: Metadata | undefined): Metadata | undefined => {
  if (!before || !now) return before ?? now;
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return Object.fromEntries(names.map((name) => [name, { ...before[name], ...now[name] }]));
};
