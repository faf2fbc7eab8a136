import { setImmediate } from 'node:timers/promises';
import { wellFormed } from '../../domain/shared/well-formed.ts';
import { boundedFetch } from '../../ports/adapter-kit/bounded-fetch.ts';
import { type Events, modelServerNoticesOf, silentEvents } from '../../ports/events.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import { withUsage } from '../../ports/port-error.ts';
import { asPortError, declineIn } from './errors.ts';
import { toOptions } from './prompt.ts';
import { type ImportPackage, loadProvider, openModel } from './provider.ts';
import { makeReplyReader, type ReplyReader } from './reply.ts';
import type { CallOptions, MakeProvider, SdkModel, StreamPart } from './spec.ts';

/** A server that sends faster than its stream is read must not take all of the process's time. */
const READ_AT_ONCE = 256;

/**
 * A model behind a provider package of the AI SDK (https://ai-sdk.dev/providers), streamed by its specification v4. The
 * package is the operator's: it is imported at the first request, and reads its key and its address from its own
 * variables in the environment of the process. The SDK repeats nothing here.
 */
export const makeAiSdkModel = (options: {
  /** The names that the package may have, the likelier first. */
  readonly packages: readonly [string, ...string[]];
  /** As the provider names it. */
  readonly model: string;
  /** `LanguageModel.name`. */
  readonly name: string;
  readonly events?: Events;
  readonly importPackage: ImportPackage;
}): LanguageModel => {
  const { packages, model, name, importPackage, events = silentEvents } = options;
  const notice = modelServerNoticesOf(events, name);
  let loading: Promise<MakeProvider> | undefined;

  /** A package that was not there may be installed meanwhile. */
  const load = async (): Promise<MakeProvider> => {
    loading ??= loadProvider(packages, importPackage);
    try {
      return await loading;
    } catch (error) {
      loading = undefined;
      throw error;
    }
  };

  return {
    name,
    async respond(request, { signal, onEvent }) {
      let isOver = false;
      const reader = makeReplyReader({ who: name, model, onEvent, notice });
      try {
        signal.throwIfAborted();
        const makeProvider = await load();
        const fetch = boundedFetch(() => isOver || onEvent({ type: 'activity' }));
        const opened = openModel(makeProvider({ fetch: fetch as typeof globalThis.fetch }), model, name);
        await readReply(opened, wellFormed(toOptions(request, name, signal)), reader);
        signal.throwIfAborted();
        return reader.reply();
      } catch (error) {
        const declined = signal.aborted ? undefined : declineIn(error);
        if (declined !== undefined) return reader.declined(declined);
        const failure = asPortError(error, name, signal);
        throw withUsage(failure, reader.usage());
      } finally {
        isOver = true;
      }
    },
  };
};

/** A reply that is complete stands, whatever becomes of the connection behind it. */
const readReply = async (model: SdkModel, options: CallOptions, reader: ReplyReader): Promise<void> => {
  const untilAborted = makeAbortRace(options.abortSignal);
  const { stream } = await untilAborted(model.doStream(options));
  const parts = stream.getReader();
  let read = 0;
  try {
    while (!reader.isComplete() && !reader.isFull()) {
      const { done, value } = await untilAborted(parts.read());
      if (done) return;
      reader.read(value as StreamPart);
      if (++read % READ_AT_ONCE === 0) await setImmediate();
    }
  } finally {
    // Whoever sends more is told that nobody reads it; that it fails to hear it is nobody's concern.
    parts.cancel().catch(() => undefined);
  }
};

/** Waits no longer than until the abort: not every package listens for it. */
const makeAbortRace = (signal: AbortSignal): (<T>(work: PromiseLike<T>) => Promise<T>) => {
  const aborted = Promise.withResolvers<never>();
  // Whoever waits hears of it; without anybody, it is no failure.
  aborted.promise.catch(() => undefined);
  signal.addEventListener('abort', () => aborted.reject(signal.reason), { once: true });
  return (work) => Promise.race([work, aborted.promise]);
};
