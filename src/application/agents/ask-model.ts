import { MAX_ANSWER_LENGTH } from '../../domain/agent/agent.ts';
import { meantTool } from '../../domain/agent/tool-name.ts';
import { type LanguageModel, MAX_REPLY_LENGTH, type ModelEvent, type ModelReply, type ModelRequest } from '../../ports/language-model.ts';
import { isPortError, PortError, reasonOf } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import { paidBy } from '../models/paid.ts';
import { redactBeginning } from './redact-beginning.ts';

const MAX_FAILURE_LENGTH = 2_000;

/**
 * One reply of the model, and its text as it grows. A call names the tool that is meant, where that is plain. A text that does not end is aborted where it is too long. What a
 * failure says is shown to people and stored, so it is redacted and bounded like every other word of the run.
 */
export const askModel = async (
  deps: { readonly model: LanguageModel; readonly redact: Redact },
  { request, signal, onText }: { request: ModelRequest; signal: AbortSignal; onText: (text: string) => void },
): Promise<ModelReply> => {
  const tooLong = new AbortController();
  const names = request.tools.map(({ name }) => name);
  let text = '';
  const onEvent = (event: ModelEvent): void => {
    if (event.type === 'activity' || tooLong.signal.aborted) return;
    text = event.type === 'restart' ? '' : text + event.text;
    if (text.length > MAX_REPLY_LENGTH) tooLong.abort();
    onText(text);
  };
  try {
    const reply = await deps.model.respond(request, { signal: AbortSignal.any([signal, tooLong.signal]), onEvent });
    return { ...reply, toolCalls: reply.toolCalls.map((call) => ({ ...call, tool: meantTool(call.tool, names) ?? call.tool })) };
  } catch (error) {
    if (tooLong.signal.aborted && !signal.aborted)
      return { text, toolCalls: [], stop: 'length', usage: paidBy(error), model: deps.model.name };
    const message = redactBeginning(deps.redact, reasonOf(error), MAX_FAILURE_LENGTH);
    if (message === reasonOf(error)) throw error;
    throw isPortError(error) ? new PortError(error.code, message, { ...error, cause: error }) : new Error(message, { cause: error });
  }
};

/**
 * Shows a text as it grows, redacted. What was shown of it stays: a later word may show an earlier one in another
 * light, and then nothing more is shown.
 */
export const growingDraft = (redact: Redact, show: (draft: () => string) => void): ((text: string) => void) => {
  let shown = '';
  return (text) => {
    if (text === '') shown = '';
    show(() => {
      const draft = redactBeginning(redact.growing ?? redact, text, MAX_ANSWER_LENGTH);
      if (draft.startsWith(shown) || text === '') shown = draft;
      return shown;
    });
  };
};
