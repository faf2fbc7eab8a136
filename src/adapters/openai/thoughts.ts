import type { ConversationStep } from '../../domain/conversation/conversation.ts';
import { asFields, asList, asText, type Fields } from './read-by-type.ts';

/** What of a model's thoughts goes back to its server with a message of the model's. */
export interface ReturnedThoughts {
  /** Fields of the message. */
  readonly message: Fields;
  /** Fields of each of its calls, in their order. */
  readonly calls: readonly (Fields | undefined)[];
}

/**
 * How a server takes thoughts back. Absent: as they came, where there are any. `refused`: not at all. Else: as they
 * came, and something stands in this field where there are none, as in what another model said.
 */
export type ThoughtRule = 'refused' | 'reasoning_content' | 'thought_signature';

const TEXTS = ['reasoning_content', 'reasoning'] as const;
const OF_CALLS = ['extra_content', 'provider_specific_fields', 'thought_signature'] as const;

/** The fields of a message, or of a part of it, that hold what its model thinks. */
export const thoughtIn = (said: Fields): Fields => pick(said, [...TEXTS, 'reasoning_details']);
export const thoughtOfCall = (call: Fields): Fields | undefined => {
  const found = pick(call, OF_CALLS);
  return Object.keys(found).length > 0 ? found : undefined;
};

const pick = (from: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(names.flatMap((name) => (from[name] === undefined || from[name] === null ? [] : [[name, from[name]]])));

/** Puts the thoughts of a reply together from their parts. */
export const makeThoughtReader = () => {
  const texts = new Map<string, string>();
  const details: Record<string, unknown>[] = [];

  /** Parts of one index and type follow each other: their texts grow, and what else they bring is added. */
  const addDetail = (part: Fields): void => {
    const last = details.at(-1);
    if (!last || part.index === undefined || last.index !== part.index || last.type !== part.type) {
      details.push({ ...part });
      return;
    }
    for (const [name, value] of Object.entries(part))
      if (GROWING.has(name) && typeof last[name] === 'string' && typeof value === 'string') last[name] += value;
      else if (value !== undefined && value !== null) last[name] = value;
  };

  return {
    add(thought: Fields): void {
      for (const name of TEXTS) {
        const text = asText(thought[name]);
        if (text !== undefined) texts.set(name, (texts.get(name) ?? '') + text);
      }
      for (const part of asList(thought.reasoning_details)) {
        const fields = asFields(part);
        if (fields) addDetail(fields);
      }
    },
    /** One form of them: details are the exactest, and the other two say the same. */
    fields(): Fields {
      if (details.length > 0) return { reasoning_details: details };
      const [first] = TEXTS.filter((name) => texts.has(name));
      return first === undefined ? {} : { [first]: texts.get(first) };
    },
  };
};

const GROWING: ReadonlySet<string> = new Set(['text', 'summary', 'data']);

/**
 * Gemini takes this for a signature where a call is another model's
 * (https://ai.google.dev/gemini-api/docs/thought-signatures).
 */
const NO_SIGNATURE: Fields = { extra_content: { google: { thought_signature: 'skip_thought_signature_validator' } } };
/** Servers that want a thought refuse an empty one. */
const NO_THOUGHT: Fields = { reasoning_content: ' ' };

/** What goes back to the model of this name with each of its messages. */
export const makeReturned =
  (by: string, rule: ThoughtRule | undefined) =>
  ({ attached, toolCalls }: Extract<ConversationStep, { role: 'agent' }>): ReturnedThoughts => {
    if (rule === 'refused') return NOTHING;
    const own = attached?.by === by && toolCalls.length > 0 ? (attached.content as ReturnedThoughts) : NOTHING;
    if (rule === 'reasoning_content') return { ...own, message: { ...NO_THOUGHT, ...filled(own.message) } };
    const isUnsigned = rule === 'thought_signature' && !own.calls.some((fields) => fields !== undefined);
    return isUnsigned ? { ...own, calls: [NO_SIGNATURE] } : own;
  };

export const NOTHING: ReturnedThoughts = { message: {}, calls: [] };

const filled = ({ reasoning_content: text, ...others }: Fields): Fields => (text ? { ...others, reasoning_content: text } : others);
