import { APIError } from 'openai';
import { excerpt } from '../../domain/shared/excerpt.ts';
import { type LeftOut, leaveOut, rememberLeftOut } from '../../ports/adapter-kit/refused-media.ts';
import { mediaIn } from '../../ports/adapter-kit/shown-media.ts';
import { type Events, type ModelServerNotices, modelServerNoticesOf, silentEvents } from '../../ports/events.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import { withUsage } from '../../ports/port-error.ts';
import type { OpenAiApi, Question, StreamReader } from './api.ts';
import { apiErrorOf, isApiError } from './api-error.ts';
import { makeChatApi } from './chat-api.ts';
import type { OpenAiClient } from './client.ts';
import { type Dialect, type LimitName, learnDialect } from './dialect.ts';
import { asPortError, refusalIn } from './errors.ts';
import { readEvents } from './events.ts';
import { lacksResponses, responsesApi } from './responses-api.ts';
import { policyIn } from './responses-reply.ts';

/** How often one request is put in another way, at the most. */
const MAX_WAYS = 8;
/** Refusals that may be about how a request is put: the others are about who asks, or how often. */
const ABOUT_THE_REQUEST: ReadonlySet<number | undefined> = new Set([undefined, 400, 404, 413, 415, 422, 500, 501]);

/**
 * A model behind OpenAI's Chat Completions or Responses API, streamed: OpenAI's own, or any that a compatible server
 * offers (Ollama, vLLM…). A server that has no Responses API is asked over Chat Completions from then on.
 * What a server refuses about the way in which it is asked (the name of a limit, an optional parameter, tools) is left
 * out or named otherwise, and remembered as long as this model lives: nothing of it is decided by the server's address.
 */
export const makeOpenAiModel = (options: {
  readonly client: OpenAiClient;
  readonly model: string;
  readonly name?: string;
  /** Over which API it is asked first. Default: `chat`. */
  readonly api?: 'chat' | 'responses';
  /** The names of the limit of an answer over Chat Completions, the likelier first. */
  readonly limitNames?: readonly LimitName[];
  readonly events?: Events;
  /** A request went out without the tools that it has: the model can't call any. */
  readonly onWithoutTools?: (name: string) => void;
}): LanguageModel => {
  const { client, model, name = `openai/${model}`, events = silentEvents, onWithoutTools } = options;
  const notice = modelServerNoticesOf(events, name);
  const chatApi = makeChatApi(options.limitNames ?? ['max_completion_tokens', 'max_tokens']);
  /** How the server is asked, as far as it is known. */
  let way = wayOver(options.api === 'responses' ? responsesApi : chatApi);
  let beginsInThought = false;

  /** Whether the request may be put in another way. */
  const learn = (error: unknown, used: Way, question: Question): boolean => {
    if (!(error instanceof APIError)) return false;
    const reason = excerpt(error.message, 300);
    const isLacking = used.api === responsesApi && lacksResponses(error);
    if (!isLacking && !ABOUT_THE_REQUEST.has(error.status)) return false;
    // Another request has learned it in the meantime.
    if (used !== way) return true;
    if (isLacking) {
      notice('responses-refused', { reason });
      way = wayOver(chatApi);
      return true;
    }
    const learned = learnDialect(used.dialect, used.api.sent(question), apiErrorOf(error.error ?? error.message));
    if (!learned) return false;
    report(notice, { before: used.dialect, after: learned, reason });
    way = { api: used.api, dialect: learned };
    return true;
  };

  return {
    name,
    async respond(request, { signal, onEvent }) {
      const media = mediaIn(request.conversation);
      let once: LeftOut | undefined;
      for (let ways = 1; ; ways++) {
        const used = way;
        const { api } = used;
        const dialect = once ? { ...used.dialect, unshown: once.unshown } : used.dialect;
        const question = { model, name, request, dialect };
        if (dialect.withoutTools && request.tools.length > 0) onWithoutTools?.(name);
        const reader = api.makeReader({ who: name, model, onEvent, notice, beginsInThought });
        try {
          const response = await api.ask(client, question, { signal });
          await readReply(response, reader, () => onEvent({ type: 'activity' }));
          signal.throwIfAborted();
          const reply = reader.reply();
          if (reply.text !== '') beginsInThought = reader.beganInThought();
          if (once) way = { ...way, dialect: { ...way.dialect, unshown: rememberLeftOut(way.dialect.unshown, once, notice) } };
          return reply;
        } catch (error) {
          const declined = signal.aborted ? undefined : (refusalIn(error) ?? policyIn(error));
          if (declined !== undefined) return reader.declined(declined);
          const failure = asPortError(error, name, signal);
          const mayAskAgain = !signal.aborted && !reader.hasSpoken() && ways < MAX_WAYS;
          const rounds = once?.rounds ?? 0;
          const partAt = (message: number, part: number): unknown => api.partAt(question, message, part);
          const { unshown } = dialect;
          const out = mayAskAgain ? leaveOut(failure, { name, media, unshown, partAt, isKnown: false, rounds }) : undefined;
          if (!out?.isSure && mayAskAgain && learn(error, used, question)) continue;
          if (!out) throw withUsage(failure, reader.usage());
          once = out;
        }
      }
    },
  };
};

/** An API, and what was learned of how the server takes it. */
interface Way {
  readonly api: OpenAiApi;
  readonly dialect: Dialect;
}

const wayOver = (api: OpenAiApi): Way => ({ api, dialect: api.dialect });

/** A reply that is complete stands, whatever comes behind it. */
const readReply = async (response: Response, reader: StreamReader, onBytes: () => void): Promise<void> => {
  try {
    for await (const event of readEvents(response, onBytes)) {
      if (event.type === 'done') return reader.end();
      if (event.name === 'error' || isApiError(event.data))
        throw new APIError(undefined, apiErrorOf(event.data), undefined, response.headers);
      reader.read(event.data);
      if (reader.isFull()) return;
    }
  } catch (error) {
    if (!reader.isComplete()) throw error;
  }
};

const report = (
  notice: ModelServerNotices,
  { before, after, reason }: { readonly before: Dialect; readonly after: Dialect; readonly reason: string },
): void => {
  if (after.withoutTools && !before.withoutTools) notice('tools-refused', { reason });
  const { limitNames, omitted, unshown: _, ...others } = after;
  notice('dialect-learnt', { reason, limit: limitNames[0] ?? 'none', omitted, ...others });
};
