import type { ReplyLimits } from '../../domain/agent/agent.ts';
import { present } from '../../domain/shared/present.ts';
import type { LanguageModel } from '../../ports/language-model.ts';

/** The model, asked with this effort and for a reply of at most this length, whatever a request says. */
export const withReplyLimits = (
  model: LanguageModel,
  { effort, maxOutputTokens = Number.POSITIVE_INFINITY }: ReplyLimits,
): LanguageModel => ({
  ...model,
  maxOutputTokens: Math.min(model.maxOutputTokens ?? Number.POSITIVE_INFINITY, maxOutputTokens),
  respond: (request, options) =>
    model.respond({ ...request, ...present({ effort }), maxOutputTokens: Math.min(request.maxOutputTokens, maxOutputTokens) }, options),
});
