import type { Clock } from '../../ports/clock.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import type { Logger } from '../../ports/logger.ts';
import { isPortError, PortError, type PortErrorCode, reasonOf } from '../../ports/port-error.ts';

/** How long a model that can't serve stands behind the others. */
export const COOL_DOWN_MS = 60_000;
const RESTING: readonly PortErrorCode[] = ['unauthorised', 'out-of-credit', 'unavailable', 'timeout'];

interface Failure {
  readonly model: string;
  readonly error: unknown;
}

/**
 * The first of these models that answers, in their order. A model that refused our credentials, was down or stalled is asked last for
 * the next minute. Every failure is logged; when all fail, the PortError names each model with its reason, and is retryable if any of theirs was.
 */
export const withFailover = (models: readonly LanguageModel[], deps: { readonly logger: Logger; readonly clock: Clock }): LanguageModel => {
  if (models.length === 0) throw new RangeError('a failover needs at least one model');
  const restsUntil = new Map<LanguageModel, number>();
  const isAwake = (model: LanguageModel): boolean => (restsUntil.get(model) ?? 0) <= deps.clock.now();

  return {
    name: models.map(({ name }) => name).join(', then '),
    async respond(request, { signal, onEvent }) {
      const failures: Failure[] = [];
      const order = [...models.filter(isAwake), ...models.filter((model) => !isAwake(model))];
      for (const [i, model] of order.entries()) {
        if (i > 0) onEvent({ type: 'restart' });
        try {
          const reply = await model.respond(request, { signal, onEvent });
          restsUntil.delete(model);
          return reply;
        } catch (error) {
          if (signal.aborted || (isPortError(error) && error.code === 'aborted')) throw error;
          failures.push({ model: model.name, error });
          if (isPortError(error) && RESTING.includes(error.code)) restsUntil.set(model, deps.clock.now() + COOL_DOWN_MS);
          const facts = { model: model.name, reason: reasonOf(error), next: order[i + 1]?.name ?? 'none' };
          if (isPortError(error)) deps.logger.warn(facts, 'a model failed');
          else deps.logger.error({ ...facts, error }, 'a model failed in a way that no port allows');
        }
      }
      throw allFailed(failures);
    },
  };
};

const allFailed = (failures: readonly Failure[]): PortError => {
  const errors = failures.map(({ error }) => error);
  const known = errors.filter(isPortError);
  const retryable = known.filter((error) => error.retryable);
  const waits = retryable.map(({ retryAfterMs }) => retryAfterMs ?? 0);
  const soonestMs = waits.length === 0 ? 0 : Math.min(...waits);
  const reasons = failures.map(reasonOfFailure).join('; ');
  const help = known.flatMap((error) => error.help ?? []).join('; ');
  return new PortError((retryable[0] ?? known[0])?.code ?? 'unknown', failures.length === 1 ? reasons : `every model failed: ${reasons}`, {
    retryable: retryable.length > 0,
    ...(soonestMs > 0 ? { retryAfterMs: soonestMs } : {}),
    ...(help === '' ? {} : { help }),
    cause: errors.length === 1 ? errors[0] : new AggregateError(errors),
  });
};

/** Adapters name themselves in most of their errors already. */
const reasonOfFailure = ({ model, error }: Failure): string => {
  const reason = reasonOf(error);
  return reason.includes(model) ? reason : `${model}: ${reason}`;
};
