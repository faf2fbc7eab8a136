import { setImmediate } from 'node:timers/promises';
import { excerpt } from '../../domain/shared/excerpt.ts';
import { wellFormed } from '../../domain/shared/well-formed.ts';
import { boundedFetch } from '../../ports/adapter-kit/bounded-fetch.ts';
import { type LeftOut, leaveOut, rememberLeftOut } from '../../ports/adapter-kit/refused-media.ts';
import { mediaIn, TEXTS_IN_WORDS } from '../../ports/adapter-kit/shown-media.ts';
import { type Events, modelServerNoticesOf, silentEvents } from '../../ports/events.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import { withUsage } from '../../ports/port-error.ts';
import { type Dialect, inDialect, learnDialect } from './dialect.ts';
import { asPortError, declineIn } from './errors.ts';
import { toOptions } from './prompt.ts';
import { type ImportPackage, loadProvider, openModel } from './provider.ts';
import { makeReplyReader, type ReplyReader } from './reply.ts';
import type { CallOptions, MakeProvider, SdkModel, StreamPart } from './spec.ts';

/** A server that sends faster than its stream is read must not take all of the process's time. */
const READ_AT_ONCE = 256;
/** How often one request is put in another way, at the most. */
const MAX_WAYS = 6;

/**
 * A model behind a provider package of the AI SDK (https://ai-sdk.dev/providers), streamed by its specification v4. The
 * package is the operator's: it is imported at the first request, and reads its key and its address from its own
 * variables in the environment of the process. The SDK repeats nothing here. What the model refuses of how it is asked
 * (a long answer, an effort) is asked less or left out, as long as this model lives.
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
  let dialect: Dialect = { unshown: TEXTS_IN_WORDS };

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
      const untilAborted = makeAbortRace(signal);
      const media = mediaIn(request.conversation);
      let once: LeftOut | undefined;
      for (let ways = 1; ; ways++) {
        let isOver = false;
        const used = dialect;
        const reader = makeReplyReader({ who: name, model, onEvent, notice });
        const unshown = once?.unshown ?? used.unshown;
        const asked = inDialect(used, wellFormed(toOptions(request, name, signal, unshown)));
        try {
          signal.throwIfAborted();
          const makeProvider = await untilAborted(load());
          const fetch = boundedFetch(() => isOver || onEvent({ type: 'activity' }));
          const opened = openModel(makeProvider({ fetch: fetch as typeof globalThis.fetch }), model, name);
          await readReply(opened, asked, reader, untilAborted);
          signal.throwIfAborted();
          const reply = reader.reply();
          if (once) dialect = { ...dialect, unshown: rememberLeftOut(dialect.unshown, once, notice) };
          return reply;
        } catch (error) {
          const declined = signal.aborted ? undefined : declineIn(error);
          if (declined !== undefined) return reader.declined(declined);
          const failure = asPortError(error, name, signal);
          const mayAskAgain = !signal.aborted && !reader.hasSpoken() && ways < MAX_WAYS;
          const rounds = once?.rounds ?? 0;
          // Messages are numbered by the package.
          const partAt = (): unknown => undefined;
          const out = mayAskAgain ? leaveOut(failure, { name, media, unshown, partAt, isKnown: false, rounds }) : undefined;
          const learned = out?.isSure || !mayAskAgain ? undefined : learnDialect(used, asked, failure);
          if (learned) {
            const { unshown: _, ...others } = learned;
            notice('dialect-learnt', { reason: excerpt(failure.message, 300), ...others });
            dialect = { ...dialect, ...others };
            continue;
          }
          if (!out) throw withUsage(failure, reader.usage());
          once = out;
        } finally {
          isOver = true;
        }
      }
    },
  };
};

/** A reply that is complete stands, whatever becomes of the connection behind it. */
const readReply = async (
  model: SdkModel,
  options: CallOptions,
  reader: ReplyReader,
  untilAborted: ReturnType<typeof makeAbortRace>,
): Promise<void> => {
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
