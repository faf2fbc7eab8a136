import { setImmediate } from 'node:timers/promises';
import type { MessageCreateParamsStreaming, RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import type { Effort } from '../../domain/agent/agent.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import { wellFormed } from '../../domain/shared/well-formed.ts';
import { type LeftOut, leaveOut, rememberLeftOut } from '../../ports/adapter-kit/refused-media.ts';
import { mediaIn } from '../../ports/adapter-kit/shown-media.ts';
import { type Events, modelServerNoticesOf, silentEvents } from '../../ports/events.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import { reasonOf, withUsage } from '../../ports/port-error.ts';
import type { AnthropicClient } from './client.ts';
import { asPortError, refusalIn } from './errors.ts';
import { modelFacts, mostOutput } from './model-facts.ts';
import { isAboutTheRequest, learnRefused, type RefusedParts, without } from './refused-parts.ts';
import { makeReplyReader, type ReplyReader } from './reply.ts';
import { toParams } from './request.ts';

/** A server that sends faster than its stream is read must not take all of the process's time. */
const READ_AT_ONCE = 256;

/**
 * Claude through the Messages API (https://platform.claude.com/docs/en/api/messages), streamed, with prompt caching.
 * What a server on the way refuses of what a request may do without is left out, as long as this model lives.
 * `effort` and `maxOutputTokens` hold for this model whatever a request asks for; the latter as an upper bound.
 */
export const makeAnthropicModel = (options: {
  readonly client: AnthropicClient;
  readonly model: string;
  readonly effort?: Effort;
  readonly maxOutputTokens?: number;
  readonly events?: Events;
}): LanguageModel => {
  const { events = silentEvents } = options;
  const name = `anthropic/${options.model}`;
  const { isKnown, unshown } = modelFacts(options.model);
  const texts = isKnown ? 'as they come' : 'without thoughts';
  let refused: RefusedParts = { parts: [], unshown };
  const notice = modelServerNoticesOf(events, name);

  /** Whether the request may be put in another way. */
  const learn = (error: unknown, used: RefusedParts, params: MessageCreateParamsStreaming): boolean => {
    if (!isAboutTheRequest(error)) return false;
    // Another request has learned it in the meantime.
    if (used !== refused) return true;
    const learned = learnRefused(used, params, error);
    if (!learned) return false;
    refused = learned;
    const { unshown, ...others } = learned;
    notice('dialect-learnt', { reason: excerpt(reasonOf(error), 300), ...others });
    return true;
  };

  return {
    name,
    maxOutputTokens: mostOutput(options),
    async respond(request, { signal, onEvent }) {
      const onBytes = (): void => onEvent({ type: 'activity' });
      const media = mediaIn(request.conversation);
      let once: LeftOut | undefined;
      for (;;) {
        const used = refused;
        const unshown = once?.unshown ?? used.unshown;
        const params = without(wellFormed(toParams({ ...options, name }, request, unshown)), used);
        const reader = makeReplyReader(name, onEvent, texts);
        try {
          const events: AsyncIterable<RawMessageStreamEvent> = await options.client.messages.create(params, { signal, onBytes });
          await readAll(events, reader);
          // The SDK ends an aborted stream as if it were complete.
          signal.throwIfAborted();
          const { returned, ...reply } = reader.reply();
          if (once) refused = { ...refused, unshown: rememberLeftOut(refused.unshown, once, notice) };
          return returned === undefined ? reply : { ...reply, attached: { by: name, content: returned } };
        } catch (error) {
          const declined = signal.aborted ? undefined : refusalIn(error);
          if (declined !== undefined) return reader.declined(declined);
          const failure = asPortError(error, name, signal);
          const mayAskAgain = !signal.aborted && !reader.hasBegun();
          const rounds = once?.rounds ?? 0;
          const partAt = (message: number, part: number): unknown => params.messages[message]?.content[part];
          const out = mayAskAgain ? leaveOut(failure, { name, media, unshown, partAt, isKnown, rounds }) : undefined;
          if (!out?.isSure && mayAskAgain && learn(error, used, params)) continue;
          if (!out) throw withUsage(failure, reader.usage());
          once = out;
        }
      }
    },
  };
};

/** A reply that is complete stands, whatever becomes of the connection behind it. */
const readAll = async (events: AsyncIterable<RawMessageStreamEvent>, reader: ReplyReader): Promise<void> => {
  let read = 0;
  try {
    for await (const event of events) {
      reader.read(event);
      if (++read % READ_AT_ONCE === 0) await setImmediate();
      if (reader.isFull() || reader.isOver()) return;
    }
  } catch (error) {
    if (!reader.isComplete()) throw error;
  }
};
