import { present } from '../../domain/shared/present.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LanguageModel, ModelReply } from '../../ports/language-model.ts';
import { PortError, withUsage } from '../../ports/port-error.ts';
import { within } from '../loops/timers.ts';
import { paidBy } from './paid.ts';

/** How long a model that was given up has to say what it used. */
const USAGE_WAIT_MS = 1_000;

export type Asking = Parameters<LanguageModel['respond']>[1];

/** How a model is asked if others can be asked instead. */
export interface PatientAsking extends Asking {
  /** How long the model may be silent this time, if that is less than usual. */
  readonly idleMs?: number | undefined;
  /** Another model can be asked: this one is not asked again after a silence. */
  readonly hasStandIn?: boolean | undefined;
}

export interface PatientModel extends LanguageModel {
  respond(request: Parameters<LanguageModel['respond']>[0], asking: PatientAsking): Promise<ModelReply>;
}

/**
 * The model, given up if it sends nothing for `idleMs`, or no text for `textMs`. Then the call is aborted and rejects
 * with PortError `timeout` (retryable), and later events are dropped. HTTP clients time out at the headers only, so a
 * stream that stalls would hang for ever.
 */
export const withIdleWatchdog = (
  model: LanguageModel,
  deps: { readonly clock: Clock; readonly idleMs: number; readonly textMs?: number },
): PatientModel => ({
  name: model.name,
  ...present({ maxOutputTokens: model.maxOutputTokens }),
  async respond(request, { idleMs = deps.idleMs, hasStandIn, ...asking }) {
    const patienceMs = Math.min(idleMs, deps.idleMs);
    // Another model may do better.
    const textMs = deps.textMs !== undefined && hasStandIn ? deps.textMs / 2 : deps.textMs;
    const giveUp = new AbortController();
    const stalled = Promise.withResolvers<PortError>();
    let over = false;
    const end = (words: string): void => {
      over = true;
      stalled.resolve(new PortError('timeout', words, { retryable: true }));
      giveUp.abort();
    };
    const silence = watch(deps.clock, patienceMs, () => end(`${model.name} sent nothing for ${patienceMs} ms`));
    const noText = watch(deps.clock, textMs, () => end(`${model.name} sent no text for ${textMs} ms`));
    try {
      const reply = model.respond(request, {
        ...asking,
        signal: AbortSignal.any([asking.signal, giveUp.signal]),
        onEvent: (event) => {
          if (over) return;
          silence.restart();
          if (event.type === 'text') noText.restart();
          asking.onEvent(event);
        },
      });
      const first = await Promise.race([reply, stalled.promise]);
      if (!(first instanceof PortError)) return first;
      throw await withUsageOf(reply, first, deps.clock);
    } finally {
      over = true;
      silence.stop();
      noText.stop();
    }
  },
});

/** Calls `act` once `ms` have passed without a restart; never if `ms` is undefined. */
const watch = (clock: Clock, ms: number | undefined, act: () => void) => {
  const begin = (): (() => void) => (ms === undefined ? () => undefined : clock.after(ms, act));
  let stop = begin();
  return {
    restart: (): void => {
      stop();
      stop = begin();
    },
    stop: (): void => stop(),
  };
};

/** The timeout, with what the call used, which its end tells. */
const withUsageOf = async (reply: Promise<ModelReply>, stall: PortError, clock: Clock): Promise<PortError> => {
  const usage = await within(
    clock,
    USAGE_WAIT_MS,
    reply.then((late) => late.usage, paidBy),
    () => undefined,
  );
  return usage === undefined ? stall : withUsage(stall, usage);
};
