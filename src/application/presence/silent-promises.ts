import type { LeasedPromise } from '../../domain/promise/promise.ts';
import { present } from '../../domain/shared/present.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { isSilent, stillWorking } from './progress-text.ts';

/** One key for each attempt: a promise that is retried by hand can be told of again. */
export const stillWorkingKey = ({ id, attempts }: LeasedPromise): string => `still-working:${id}:${attempts}`;

/** Tells the chat once that a silent promise is still worked on, where that cannot be shown by an edit. */
export const makeSilentPromises = (deps: { readonly unitOfWork: UnitOfWork; readonly randomness: Randomness }) => {
  /** Dedupe keys of what was told. */
  const told = new Set<string>();

  const store = (silent: LeasedPromise, dedupeKey: string, now: number): Promise<boolean> =>
    deps.unitOfWork.run(async ({ promises, outbox }) => {
      // Locked: an outcome at this moment is told after this message.
      const [promise] = await promises.update([silent.id], () => undefined);
      if (promise?.status !== 'in_progress' || stillWorkingKey(promise) !== dedupeKey || !isSilent(promise, now)) return false;
      const { id, chatId, messageId } = promise;
      await outbox.add({
        chatId,
        text: stillWorking(promise, now),
        answers: [],
        promiseId: id,
        dedupeKey,
        ...present({ replyTo: messageId }),
        deliveryKey: deps.randomness.id(),
        createdAt: now,
      });
      return true;
    });

  return {
    async tellOnce(silent: LeasedPromise, now: number): Promise<void> {
      const dedupeKey = stillWorkingKey(silent);
      if (!told.has(dedupeKey) && (await store(silent, dedupeKey, now))) told.add(dedupeKey);
    },
    /** Forgets attempts that are over. */
    keepOnly(current: ReadonlySet<string>): void {
      for (const key of told) if (!current.has(key)) told.delete(key);
    },
  };
};
