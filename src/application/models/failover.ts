import { addUsage, NO_USAGE } from '../../domain/conversation/turn.ts';
import { present } from '../../domain/shared/present.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { LanguageModel, ModelReply } from '../../ports/language-model.ts';
import { isPortError, PortError, type PortErrorCode, reasonOf } from '../../ports/port-error.ts';
import type { PatientModel } from './idle-watchdog.ts';
import { alsoPaid, paidBy, withPaid } from './paid.ts';
import { MAX_REST_MS, type ModelRests, makeModelRests } from './rests.ts';

interface Failure {
  readonly model: string;
  readonly error: unknown;
}

/**
 * The first of these models that answers, in their order. One that refused our credentials, was down or stalled is
 * asked after all others for a while; one that asked to be left alone is not asked until then. Where somebody waits, a
 * silent model is left in time for the next. One that declines is followed by the next, too; where all decline, so does
 * the reply. Every failure is logged; when all fail, the PortError names each model with its reason, and is retryable
 * if any of theirs was.
 */
export const withFailover = (
  models: readonly PatientModel[],
  deps: { readonly events: Events; readonly clock: Clock; readonly rests?: ModelRests },
): LanguageModel => {
  if (models.length === 0) throw new RangeError('a failover needs at least one model');
  const { clock, events, rests = makeModelRests(deps) } = deps;

  /** Those that may be asked, in their order; and of those that may not, why. */
  const choose = (): { readonly order: readonly PatientModel[]; readonly left: readonly Failure[] } => {
    const rested = models.map((model) => ({ model, rest: rests.of(model.name) }));
    const asleep = rested.filter(({ rest }) => rest?.asked);
    return {
      order: [...rested.filter(({ rest }) => !rest), ...rested.filter(({ rest }) => rest && !rest.asked)].map(({ model }) => model),
      left: asleep.map(({ model: { name }, rest }) => ({
        model: name,
        error: new PortError('resting', `${name} asked to be left alone (${rest?.code})`, {
          retryable: true,
          retryAfterMs: (rest?.until ?? 0) - clock.now(),
        }),
      })),
    };
  };

  return {
    name: models.map(({ name }) => name).join(', then '),
    async respond(request, asking) {
      await rests.refresh();
      const { order, left } = choose();
      const failures: Failure[] = [];
      let declined: ModelReply | undefined;
      let paid = NO_USAGE;
      for (const [i, model] of order.entries()) {
        if (i > 0) asking.onEvent({ type: 'restart' });
        const next = order[i + 1]?.name;
        const hasStandIn = next !== undefined && !rests.of(next);
        const idleMs = hasStandIn && asking.answerBy !== undefined ? Math.max(0, asking.answerBy - clock.now()) / 2 : undefined;
        try {
          const reply = await model.respond(request, { ...asking, idleMs, hasStandIn });
          await rests.answered(model.name);
          if (reply.stop !== 'refusal') return withPaid(reply, paid);
          paid = addUsage(paid, reply.usage);
          declined ??= reply;
          events.emit({
            type: 'model-declined',
            model: model.name,
            ...present({ declined: reply.refusal }),
            next: next ?? 'none',
          });
        } catch (error) {
          if (asking.signal.aborted || (isPortError(error) && error.code === 'aborted')) throw alsoPaid(error, paid);
          paid = addUsage(paid, paidBy(error));
          failures.push({ model: model.name, error });
          await rests.failed(model.name, error);
          events.emit({
            type: 'model-failed',
            model: model.name,
            reason: reasonOf(error),
            next: next ?? 'none',
            ...(isPortError(error) ? {} : { error }),
          });
        }
      }
      if (declined) return { ...declined, usage: paid };
      throw alsoPaid(allFailed([...failures, ...left]), paid);
    },
  };
};

const allFailed = (failures: readonly Failure[]): PortError => {
  const errors = failures.map(({ error }) => error);
  const known = errors.filter(isPortError);
  const retryable = known.filter((error) => error.retryable);
  const waits = retryable.map(({ retryAfterMs }) => retryAfterMs ?? 0);
  const soonestMs = waits.length === 0 ? 0 : Math.min(...waits, MAX_REST_MS);
  const reasons = failures.map(reasonOfFailure).join('; ');
  const help = known.flatMap((error) => error.help ?? []).join('; ');
  return new PortError(codeOf(known), failures.length === 1 ? reasons : `every model failed: ${reasons}`, {
    retryable: retryable.length > 0,
    ...present({ retryAfterMs: soonestMs > 0 ? soonestMs : undefined, help: help === '' ? undefined : help }),
    cause: errors.length === 1 ? errors[0] : new AggregateError(errors),
  });
};

/**
 * What to make of all these failures: where one model refuses the request as it stands, another one may be answered;
 * else what may pass; and that nobody was asked only where nobody was.
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
