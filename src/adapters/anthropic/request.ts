import type { MessageCreateParamsStreaming, Tool } from '@anthropic-ai/sdk/resources/messages';
import { EFFORTS, type Effort } from '../../domain/agent/agent.ts';
import { declaredTools } from '../../ports/adapter-kit/declared-tools.ts';
import type { Unshown } from '../../ports/adapter-kit/shown-media.ts';
import type { ModelRequest, ToolSpec } from '../../ports/language-model.ts';
import { toMessages } from './conversation.ts';
import { modelFacts, mostOutput } from './model-facts.ts';

export interface ModelSettings {
  /** As the maker names it. */
  readonly model: string;
  /** `LanguageModel.name`. */
  readonly name: string;
  readonly effort?: Effort;
  readonly maxOutputTokens?: number;
}

/** The instructions' cache point covers the tools too: they come first in what the API caches. */
export const toParams = (
  settings: ModelSettings,
  request: ModelRequest,
  unshown: Unshown = modelFacts(settings.model).unshown,
): MessageCreateParamsStreaming => ({
  model: settings.model,
  stream: true,
  max_tokens: outputLimit(settings, request),
  messages: toMessages(request.conversation, settings.name, unshown),
  ...(request.instructions.trim() === ''
    ? {}
    : { system: [{ type: 'text', text: request.instructions, cache_control: { type: 'ephemeral' } }] }),
  ...toolParams(request),
  ...thinkingParams(settings, request),
});

/** A model refuses to be asked for more than it can give. */
const outputLimit = (settings: ModelSettings, request: ModelRequest): number => Math.min(request.maxOutputTokens, mostOutput(settings));

const toolParams = (request: ModelRequest): Pick<MessageCreateParamsStreaming, 'tools' | 'tool_choice'> => {
  const { tools, toolChoice } = declaredTools(request);
  if (tools.length === 0) return {};
  return { tools: tools.map(toTool), ...(toolChoice === 'none' ? { tool_choice: { type: 'none' } } : {}) };
};

const toTool = ({ name, description, inputSchema }: ToolSpec): Tool => ({
  name,
  description,
  input_schema: { ...inputSchema, type: 'object' },
});

type ThinkingParams = Pick<MessageCreateParamsStreaming, 'thinking' | 'output_config'>;

/** Effort is the one dial: `none` thinks not at all where a model can do without, and as little as it can elsewhere. */
const thinkingParams = (settings: ModelSettings, request: ModelRequest): ThinkingParams => {
  const { efforts, thinking, isKnown } = modelFacts(settings.model);
  const wanted = settings.effort ?? request.effort;
  if (wanted === undefined) return {};
  // Whoever names an effort for a model that is not known here knows more of it.
  const levels = isKnown || settings.effort === undefined || wanted === 'none' ? efforts : ALL;
  if (levels.length === 0) return {};
  if (wanted === 'none' && thinking === 'on') return { thinking: { type: 'disabled' } };
  const effort = { output_config: { effort: nearest(levels, wanted) } };
  return thinking === 'off' && wanted !== 'none' ? { thinking: { type: 'adaptive' }, ...effort } : effort;
};

type SentEffort = 'low' | 'medium' | 'high' | 'xhigh' | 'max';
const ALL: readonly Effort[] = ['low', 'medium', 'high', 'xhigh', 'max'];

/** The greatest that is no greater than what is wanted, else the least. */
const nearest = (efforts: readonly Effort[], wanted: Effort): SentEffort => {
  const fits = efforts.filter((effort) => EFFORTS.indexOf(effort) <= EFFORTS.indexOf(wanted));
  return (fits.at(-1) ?? efforts[0] ?? 'low') as SentEffort;
};
