import type { BrokenRule } from '../broken-rule.ts';
import type { MessagesRequest } from './shape.ts';

interface DocumentedModel {
  readonly maxTokens: number;
  readonly efforts: readonly string[];
  /** What `thinking.type` takes. */
  readonly thinking: readonly string[];
  /** Whether temperature and its like are refused, and a forced choice of a tool. */
  readonly isStrict: boolean;
}

const ALL_EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'];

/** As the pages of the models have it (https://platform.claude.com/docs/en/about-claude/models/overview). */
const DOCUMENTED: Readonly<Record<string, DocumentedModel>> = {
  'claude-sonnet-5-5': { maxTokens: 128_000, efforts: ALL_EFFORTS, thinking: ['adaptive'], isStrict: true },
  'claude-opus-5-5': { maxTokens: 128_000, efforts: ALL_EFFORTS, thinking: ['adaptive'], isStrict: true },
  'claude-sonnet-5': { maxTokens: 128_000, efforts: ALL_EFFORTS, thinking: ['adaptive', 'disabled'], isStrict: true },
  'claude-opus-4-6': {
    maxTokens: 128_000,
    efforts: ['low', 'medium', 'high', 'max'],
    thinking: ['adaptive', 'disabled', 'enabled'],
    isStrict: false,
  },
  'claude-haiku-4-5': { maxTokens: 64_000, efforts: [], thinking: ['disabled', 'enabled'], isStrict: false },
  'claude-3-5-haiku-20241022': { maxTokens: 8_192, efforts: [], thinking: [], isStrict: false },
};
/** Any other name stands for a model behind a gateway, of which nothing is known. */
const isDocumented = (model: string): model is keyof typeof DOCUMENTED => Object.hasOwn(DOCUMENTED, model);

export const modelRules = (request: MessagesRequest): readonly BrokenRule[] => {
  const { model, max_tokens: maxTokens, thinking, tool_choice: choice, output_config: output } = request;
  const forced = choice?.type === 'any' || choice?.type === 'tool';
  const budget = thinking?.type === 'enabled' ? thinking.budget_tokens : 0;
  const general = [
    ...(budget >= maxTokens ? [{ rule: 'budget', message: '`max_tokens` must be greater than `thinking.budget_tokens`' }] : []),
    ...(thinking?.type === 'enabled' && forced
      ? [{ rule: 'thinking-choice', message: 'thinking may not be enabled when tool_choice forces tool use' }]
      : []),
  ];
  const known = isDocumented(model) ? DOCUMENTED[model] : undefined;
  if (!known) return general;
  const sampled = request.temperature ?? request.top_p ?? request.top_k;
  return [
    ...general,
    ...(maxTokens > known.maxTokens
      ? [{ rule: 'max-tokens', message: `max_tokens: ${maxTokens} > ${known.maxTokens}, which is the maximum for ${model}` }]
      : []),
    ...(output?.effort !== undefined && !known.efforts.includes(output.effort)
      ? [{ rule: 'effort', message: `output_config.effort: ${output.effort} is not supported by ${model}` }]
      : []),
    ...(thinking !== undefined && !known.thinking.includes(thinking.type)
      ? [{ rule: 'thinking-type', message: `thinking.type.${thinking.type} is not supported by ${model}` }]
      : []),
    ...(known.isStrict && forced ? [{ rule: 'forced-choice', message: `tool_choice.${choice.type} is not supported by ${model}` }] : []),
    ...(known.isStrict && sampled !== undefined
      ? [{ rule: 'sampling', message: `sampling parameters are not supported by ${model}` }]
      : []),
  ];
};
