import { addUsage, NO_USAGE } from '../../domain/conversation/turn.ts';
import type { EventOf } from '../../domain/events/event.ts';
import { present } from '../../domain/shared/present.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { LanguageModel, ModelReply } from '../../ports/language-model.ts';
import { isPortError, PortError, type PortErrorCode, reasonOf } from '../../ports/port-error.ts';
import { startStopwatch } from '../loops/stopwatch.ts';
import { isTimeout } from '../loops/timers.ts';
import { MAX_COOLDOWN_MS, type ModelCooldowns, makeModelCooldowns } from './cooldowns.ts';
import type { PatientModel } from './idle-watchdog.ts';
import { alsoPaid, paidBy, withPaid } from './paid.ts';

interface Failure {
  readonly model: string;
  readonly error: unknown;
}

/**
 * A model that asks these models in their order until one answers. After a failure, a model has a cooldown: it is asked
 * after all others, or not at all if it asked for that. If somebody waits for the answer, a silent model is given up in
 * time for the next. A model that declines is followed by the next; if all decline, the reply does. Each failure is an
 * event. If all fail, it rejects with a PortError that names each model with its reason, and that is retryable if any
 * of theirs is.
 */
export const withFailover = (
  models: readonly PatientModel[],
  deps: { readonly events: Events; readonly clock: Clock; readonly cooldowns?: ModelCooldowns },
): LanguageModel => {
  if (models.length === 0) throw new RangeError('a failover needs at least one model');
  const { clock, events, cooldowns = makeModelCooldowns(deps) } = deps;

  /** The models to ask, in order, and why each of the others may not be asked. */
  const choose = (): { readonly order: readonly PatientModel[]; readonly left: readonly Failure[] } => {
    const known = models.map((model) => ({ model, cooldown: cooldowns.of(model.name) }));
    const fresh = known.filter(({ cooldown }) => !cooldown);
    const cooling = known.filter(({ cooldown }) => cooldown && !cooldown.asked);
    return {
      order: [...fresh, ...cooling].map(({ model }) => model),
      left: known.flatMap(({ model: { name }, cooldown }) => {
        if (!cooldown?.asked) return [];
        const retryAfterMs = cooldown.until - clock.now();
        const message = `${name} asked to be left alone (${cooldown.code})`;
        return [{ model: name, error: new PortError('resting', message, { retryable: true, retryAfterMs }) }];
      }),
    };
  };

  return {
    name: models.map(({ name }) => name).join(', then '),
    ...present({ isMetered: models.every(({ isMetered }) => isMetered) ? (true as const) : undefined }),
    async respond(request, asking) {
      await cooldowns.refresh();
      const { order, left } = choose();
      const failures: Failure[] = [];
      let declined: ModelReply | undefined;
      let paid = NO_USAGE;
      for (const [i, model] of order.entries()) {
        if (i > 0) asking.onEvent({ type: 'restart' });
        const next = order[i + 1]?.name;
        const hasStandIn = next !== undefined && !cooldowns.of(next);
        const idleMs = hasStandIn && asking.answerBy !== undefined ? Math.max(0, asking.answerBy - clock.now()) / 2 : undefined;
        const durationMs = startStopwatch(clock);
        try {
          const reply = await model.respond(request, { ...asking, idleMs, hasStandIn });
          await cooldowns.answered(model.name);
          const by = { name: model.name, durationMs: durationMs() };
          if (reply.stop !== 'refusal') return withPaid({ ...reply, by }, paid);
          paid = addUsage(paid, reply.usage);
          declined ??= { ...reply, by };
          events.emit({
            type: 'model-declined',
            model: model.name,
            ...present({ declined: reply.refusal }),
            next: next ?? 'none',
          });
        } catch (error) {
          const waitedMs = durationMs();
          const isCut = asking.signal.aborted && isTimeout(asking.signal.reason) && waitedMs >= SLOW_MS;
          if (isCut) events.emit(cutOf(model, waitedMs));
          if (asking.signal.aborted || (isPortError(error) && FINAL.has(error.code))) throw alsoPaid(error, paid);
          paid = addUsage(paid, paidBy(error));
          failures.push({ model: model.name, error });
          await cooldowns.failed(model.name, error);
          events.emit({
            type: 'model-failed',
            model: model.name,
            code: isPortError(error) ? error.code : 'unknown',
            reason: reasonOf(error),
            next: next ?? 'none',
            durationMs: waitedMs,
            ...(isPortError(error) ? {} : { error }),
          });
        }
      }
      if (declined) return { ...declined, usage: paid };
      throw alsoPaid(allFailed([...failures, ...left]), paid);
    },
  };
};

/** A model that is cut off after so long has had its time: that the run's time is over is its doing. */
const SLOW_MS = 10_000;

const cutOf = ({ name: model }: Pick<PatientModel, 'name'>, durationMs: number): EventOf<'model-failed'> => ({
  type: 'model-failed',
  model,
  code: 'timeout',
  reason: `${model} had not replied after ${Math.round(durationMs / 1_000)} s, when the time for the answer was over`,
  next: 'none',
  durationMs,
});

/** Failures that are not the model's: no other one is asked. */
const FINAL: ReadonlySet<PortErrorCode> = new Set(['aborted', 'over-budget']);

const allFailed = (failures: readonly Failure[]): PortError => {
  const errors = failures.map(({ error }) => error);
  const known = errors.filter(isPortError);
  const retryable = known.filter((error) => error.retryable);
  const waits = retryable.map(({ retryAfterMs }) => retryAfterMs ?? 0);
  const soonestMs = waits.length === 0 ? 0 : Math.min(...waits, MAX_COOLDOWN_MS);
  const reasons = failures.map(reasonOfFailure).join('; ');
  const help = known.flatMap((error) => error.help ?? []).join('; ');
  return new PortError(codeOf(known), failures.length === 1 ? reasons : `every model failed: ${reasons}`, {
    retryable: retryable.length > 0,
    ...present({ retryAfterMs: soonestMs > 0 ? soonestMs : undefined, help: help === '' ? undefined : help }),
    cause: errors.length === 1 ? errors[0] : new AggregateError(errors),
  });
};

/**
 * The code for all these failures together. A refused request comes first, as another request may be answered; then a
 * failure that may pass. `resting` is left if no model was asked.
 */
const codeOf = (errors: readonly PortError[]): PortErrorCode => {
  const codes = new Set(errors.map(({ code }) => code));
  const asked = errors.filter(({ code }) => code !== 'resting');
  const refused = (['too-long', 'invalid-request'] as const).find((code) => codes.has(code));
  return refused ?? (asked.find(({ retryable }) => retryable) ?? asked[0] ?? errors[0])?.code ?? 'unknown';
};

/** Adapters name themselves in most of their errors already. */
const reasonOfFailure = ({ model, error }: Failure): string => {
  const reason = reasonOf(error);
  return reason.includes(model) ? reason : `${model}: ${reason}`;
};
