import { countable, isPaid } from '../../domain/conversation/turn.ts';
import type { LanguageModel, ModelRequest } from '../../ports/language-model.ts';
import { isPortError, type PortErrorCode } from '../../ports/port-error.ts';
import type { CallEnd } from '../../ports/spending.ts';
import { paidBy } from './paid.ts';

/** Failures after which nobody knows whether a request was worked on. */
const UNKNOWN: ReadonlySet<PortErrorCode> = new Set(['timeout', 'aborted', 'unknown']);

/** The model, each call of which is begun and ended with whoever pays for it. */
export const withMeter = <Model extends LanguageModel>(model: Model): Model => ({
  ...model,
  isMetered: true,
  respond: async (request, asking) => {
    const call = await asking.beginCall?.(model.name, { ...request, maxOutputTokens: longestReply(model, request) });
    if (!call) return model.respond(request, asking);
    let hasBegun = false;
    try {
      const reply = await model.respond(request, {
        ...asking,
        onEvent: (event) => {
          hasBegun ||= event.type !== 'restart';
          asking.onEvent(event);
        },
      });
      call.end({ usage: countable(reply.usage), model: reply.model, how: 'ended' });
      return reply;
    } catch (error) {
      const usage = countable(paidBy(error));
      call.end({ usage, how: hasBegun || isPaid(usage) ? 'broken' : howUnpaid(error, asking.signal) });
      throw error;
    }
  },
});

const longestReply = ({ maxOutputTokens = Number.POSITIVE_INFINITY }: LanguageModel, request: ModelRequest): number =>
  Math.min(request.maxOutputTokens, maxOutputTokens);

/** The model with a meter, unless it has one inside. */
export const metered = (model: LanguageModel): LanguageModel => (model.isMetered ? model : withMeter(model));

const howUnpaid = (error: unknown, signal: AbortSignal): CallEnd['how'] =>
  signal.aborted || !isPortError(error) || UNKNOWN.has(error.code) ? 'unknown' : 'refused';
