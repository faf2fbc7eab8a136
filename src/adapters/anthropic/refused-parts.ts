import { APIError } from '@anthropic-ai/sdk';
import type { MessageCreateParamsStreaming, MessageParam } from '@anthropic-ai/sdk/resources/messages';
import type { Unshown } from '../../ports/adapter-kit/shown-media.ts';

/** What a request may do without, and how a refusal names it. */
const OPTIONAL = {
  output_config: /\boutput_config\b|\beffort\b/i,
  thinking: /\bthinking(?:\.[\w.]+)?:|\bthinking\.type\b|\badaptive thinking\b/i,
} as const;
type Optional = keyof typeof OPTIONAL;
const NAMES = Object.keys(OPTIONAL) as readonly Optional[];

/** What servers between Kept and the model refuse: gateways, and clouds that are behind the maker's own API. */
export interface RefusedParts {
  readonly parts: readonly Optional[];
  /** The longest reply that the model gives, in tokens, where it is less than was asked for. */
  readonly maxTokens?: number;
  /** DeepSeek and Kimi want a thought in each message of the model's, also where it was not kept. */
  readonly wantsThoughts?: true;
  readonly unshown: Unshown;
}

const REFUSES =
  /\bextra(?:neous)? (?:inputs|fields|key)|(?:not|n't) (?:be )?(?:support(?:ed)?|permitted|allowed)\b|\bunsupported\b|\bunknown\b|\bunrecogni[sz]ed\b/i;
const WANTS_THOUGHTS = /\bthinking\b.{0,60}\b(?:must be passed back|is missing)|\bmissing thinking block\b/i;
const MOST = /max_tokens: \d+ > (\d+), which is the maximum/i;

/** Refusals that may be about how a request is put. */
export const isAboutTheRequest = (error: unknown): error is APIError =>
  error instanceof APIError && (error.status === 400 || error.status === 422);

/** All to leave out from now on; undefined where the refusal is about something else. */
export const learnRefused = (known: RefusedParts, sent: MessageCreateParamsStreaming, error: APIError): RefusedParts | undefined => {
  const message = error.apiMessage ?? error.message;
  const most = Number(MOST.exec(message)?.[1] ?? 0);
  if (most > 0 && most < sent.max_tokens) return { ...known, maxTokens: most };
  if (!known.wantsThoughts && WANTS_THOUGHTS.test(message)) return { ...known, wantsThoughts: true };
  const found = NAMES.find((part) => !known.parts.includes(part) && sent[part] !== undefined && OPTIONAL[part].test(message));
  return found !== undefined && REFUSES.test(message) ? { ...known, parts: [...known.parts, found] } : undefined;
};

/** The request without what is refused, and with what is wanted. */
export const without = (params: MessageCreateParamsStreaming, refused: RefusedParts): MessageCreateParamsStreaming => {
  const { output_config: output, thinking, ...rest } = params;
  const { parts, maxTokens, wantsThoughts } = refused;
  return {
    ...rest,
    messages: wantsThoughts ? params.messages.map(withThought) : params.messages,
    max_tokens: Math.min(params.max_tokens, maxTokens ?? Number.POSITIVE_INFINITY),
    ...(output && !parts.includes('output_config') ? { output_config: output } : {}),
    ...(thinking && !parts.includes('thinking') ? { thinking } : {}),
  };
};

/** Servers that want a thought refuse an empty one; they check no signature. */
const NO_THOUGHT = { type: 'thinking', thinking: ' ', signature: 'none' } as const;

const withThought = (message: MessageParam): MessageParam => {
  const { role, content } = message;
  if (role !== 'assistant' || typeof content === 'string' || content.some(({ type }) => type === 'thinking')) return message;
  return { role, content: [NO_THOUGHT, ...content] };
};
