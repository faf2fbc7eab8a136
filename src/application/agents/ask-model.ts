import { MAX_ANSWER_LENGTH } from '../../domain/agent/agent.ts';
import { meantTool } from '../../domain/agent/tool-name.ts';
import type { ConversationStep } from '../../domain/conversation/conversation.ts';
import { addUsage, countable, type Usage } from '../../domain/conversation/turn.ts';
import { present } from '../../domain/shared/present.ts';
import type { Events } from '../../ports/events.ts';
import { type LanguageModel, MAX_REPLY_LENGTH, type ModelEvent, type ModelRequest } from '../../ports/language-model.ts';
import { isPortError, PortError, type PortErrorCode, reasonOf } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import type { BeginCall } from '../../ports/spending.ts';
import { paidBy } from '../models/paid.ts';
import { redactBeginning } from '../tools/redact-beginning.ts';
import type { AskedReply } from './read-answer.ts';
import type { RequestWindow } from './request-window.ts';

const MAX_FAILURE_LENGTH = 2_000;

interface Deps {
  readonly model: LanguageModel;
  readonly redact: Redact;
  readonly events: Events;
}

interface Question {
  readonly request: Omit<ModelRequest, 'conversation'>;
  readonly signal: AbortSignal;
  readonly answerBy?: number | undefined;
  /** If a model breaks off, its partial text is the reply: people have seen it grow. */
  readonly keepsPart: boolean;
  readonly onText: (text: string) => void;
  /** Begins each call with whoever pays for it. */
  readonly beginCall?: BeginCall | undefined;
  /** Called with what each call used, whatever its result. */
  readonly onUsage: (usage: Usage) => void;
}

/**
 * Asks the model for one reply, and shows its text as it grows. A call gets the name of the tool that is meant, if that
 * is plain. A text that is too long is aborted. A refused request is repeated with less of the conversation, as long as
 * there is less; a declined one is repeated once without what was said before. The words of a failure are redacted and
 * bounded, as people see them and they are stored.
 */
export const askModel = async (
  deps: Deps,
  window: RequestWindow,
  steps: readonly ConversationStep[],
  question: Question,
): Promise<AskedReply> => {
  for (;;) {
    try {
      const reply = await askOnce(deps, window.shown(steps), question);
      return reply.stop === 'refusal' ? await askWithoutHistory(deps, window, steps, question, reply) : reply;
    } catch (error) {
      question.onUsage(countable(paidBy(error)));
      if (question.signal.aborted || !window.shorten(steps, error)) throw error;
      deps.events.emit({ type: 'model-request-shortened', model: deps.model.name, reason: reasonOf(error) });
    }
  }
};

/**
 * The reply to the question alone, or the reply that declines it. The model may decline what was said before, perhaps
 * by others: without this, such a chat would get no answer any more.
 */
const askWithoutHistory = async (
  deps: Deps,
  window: RequestWindow,
  steps: readonly ConversationStep[],
  question: Question,
  declined: AskedReply,
): Promise<AskedReply> => {
  const restore = window.forget(steps);
  if (!restore) return declined;
  deps.events.emit({
    type: 'model-asked-without-history',
    model: deps.model.name,
    ...present({ declined: declined.refusal }),
  });
  question.onText('');
  try {
    const reply = await askOnce(deps, window.shown(steps), question);
    if (reply.stop === 'refusal') restore();
    return { ...reply, usage: addUsage(declined.usage, reply.usage) };
  } catch (error) {
    if (question.signal.aborted) throw error;
    restore();
    question.onUsage(countable(paidBy(error)));
    return { ...declined, usage: addUsage(declined.usage, paidBy(error)) };
  }
};

const askOnce = async (
  { model, redact }: Deps,
  conversation: readonly ConversationStep[],
  { request, signal, answerBy, keepsPart, onText, onUsage, beginCall }: Question,
): Promise<AskedReply> => {
  const tooLong = new AbortController();
  const names = request.tools.map(({ name }) => name);
  let text = '';
  let longest = '';
  const onEvent = (event: ModelEvent): void => {
    if (event.type === 'activity' || tooLong.signal.aborted) return;
    text = event.type === 'restart' ? '' : text + event.text;
    if (text.length > longest.length) longest = text;
    if (text.length > MAX_REPLY_LENGTH) tooLong.abort();
    onText(text);
  };
  try {
    const asking = { signal: AbortSignal.any([signal, tooLong.signal]), onEvent, answerBy, beginCall };
    const reply = await model.respond({ ...request, conversation }, asking);
    onUsage(countable(reply.usage));
    return { ...reply, toolCalls: reply.toolCalls.map((call) => ({ ...call, tool: meantTool(call.tool, names) ?? call.tool })) };
  } catch (error) {
    const part = { toolCalls: [], usage: paidBy(error), model: model.name };
    if (tooLong.signal.aborted && !signal.aborted) {
      onUsage(countable(part.usage));
      return { ...part, text, stop: 'length' };
    }
    if (keepsPart && longest.trim() !== '' && !signal.aborted && isBreak(error)) {
      onUsage(countable(part.usage));
      return { ...part, text: longest, stop: 'length', brokeOff: true };
    }
    const message = redactBeginning(redact, reasonOf(error), MAX_FAILURE_LENGTH);
    if (message === reasonOf(error)) throw error;
    throw isPortError(error) ? new PortError(error.code, message, { ...error, cause: error }) : new Error(message, { cause: error });
  }
};

const BREAKS: ReadonlySet<PortErrorCode> = new Set(['unavailable', 'timeout', 'malformed-reply']);
const isBreak = (error: unknown): boolean => isPortError(error) && BREAKS.has(error.code);

/**
 * Shows a text as it grows, redacted. Text that was shown is never taken back: if a later word makes an earlier one a
 * secret, nothing more is shown.
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
