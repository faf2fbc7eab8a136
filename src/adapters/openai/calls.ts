import type { ToolCall } from '../../domain/conversation/conversation.ts';
import { MAX_CALLS_LENGTH, MAX_CALLS_READ } from '../../ports/language-model.ts';
import type { CallPart } from './chunk.ts';
import { asFields, type Fields, parsed } from './read-by-type.ts';

interface GrowingCall {
  id: string | undefined;
  tool: string;
  json: string;
  thought: Fields | undefined;
}

/**
 * Puts tool calls together from their parts. A part belongs to the call of its index; without one, to the newest call,
 * unless it names a tool or brings an id of its own, or the call is complete already.
 */
export const makeCallReader = () => {
  const calls: GrowingCall[] = [];
  /** The newest of each index. */
  const newest = new Map<number, GrowingCall>();
  let room = MAX_CALLS_LENGTH;

  const callOf = ({ index, id, tool, json }: CallPart): GrowingCall | undefined => {
    const call = index === undefined ? calls.at(-1) : newest.get(index);
    const isOther =
      call &&
      tool !== undefined &&
      (id === undefined ? index === undefined || startsAnew(call, json) : call.id !== id || startsAnew(call, json));
    if (call && !isOther) return call;
    if (calls.length >= MAX_CALLS_READ) return undefined;
    const begun: GrowingCall = { id: undefined, tool: '', json: '', thought: undefined };
    calls.push(begun);
    if (index !== undefined) newest.set(index, begun);
    return begun;
  };

  return {
    add(part: CallPart): void {
      const call = callOf(part);
      if (!call) return;
      call.id ||= part.id;
      call.tool ||= part.tool ?? '';
      call.thought ??= part.thought;
      // Some servers send a call once more, whole, where its parts end.
      if (part.json.length > 2 && part.json === call.json) return;
      const more = part.json.slice(0, room);
      // Some gateways begin with the empty object that Anthropic's API begins with.
      call.json = call.json === '{}' ? more : call.json + more;
      room -= more.length;
    },
    hasAny: (): boolean => calls.length > 0,
    /** Whether the arguments of each are whole. */
    areWhole: (): boolean => calls.length > 0 && calls.every(({ json }) => json.trim() === '' || parsed(json) !== undefined),
    /** What the server wants back with each. */
    thoughts: (): readonly (Fields | undefined)[] => calls.map(({ thought }) => thought),
    calls: (): ToolCall[] => calls.map(({ id, tool, json }, n) => ({ id: id ?? `call_${n + 1}`, tool, input: inputOf(json) })),
  };
};

/** A part that names its tool and brings other arguments, where those of the call are whole. */
const startsAnew = (call: GrowingCall, json: string): boolean =>
  json !== '' && json !== call.json && asFields(parsed(call.json)?.value) !== undefined && asFields(parsed(json)?.value) !== undefined;

/**
 * Arguments by what they are: an object, also one that was written as JSON twice or stands alone in a list; nothing
 * where none are there. What else it is goes to the tool as it is: it refuses it in words that let the model correct
 * itself, which is cheaper than asking for the whole reply again.
 */
const inputOf = (json: string): unknown => {
  let value: unknown = json;
  for (let layers = 0; typeof value === 'string' && layers < 3; layers++) {
    if (value.trim() === '') return {};
    const inner = parsed(value);
    if (!inner) return value;
    value = inner.value;
  }
  if (value === null) return {};
  if (!Array.isArray(value)) return value;
  if (value.length === 0) return {};
  return value.length === 1 && asFields(value[0]) ? value[0] : value;
};
