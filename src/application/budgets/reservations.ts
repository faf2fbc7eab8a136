import type { LimitUse, Reservation, SpendingLimit } from '../../domain/budget/ledger.ts';
import type { ChatId } from '../../domain/chat/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Reserved } from '../../ports/storage/ledger.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import type { BudgetLimit } from './limits.ts';

/** How long a reservation counts after its process has died; a living one renews it three times as often. */
const LEASE_MS = 30_000;
/** The most warnings that a process remembers to have given. */
const MAX_WARNED = 1_000;

/** That a budget is nearly used up, for a chat. */
export interface BudgetWarning {
  readonly limit: BudgetLimit;
  readonly chatId: ChatId;
  readonly text: string;
}

export interface Reservations {
  /**
   * As `Ledger.reserve`, once those of `back` are released. A warning is stored with it, once a day for each chat and
   * limit.
   */
  reserve(
    reservation: Omit<Reservation, 'expiresAt'>,
    limits: readonly SpendingLimit[],
    back: readonly string[],
    warnings: (uses: readonly LimitUse[]) => readonly BudgetWarning[],
  ): Promise<Reserved>;
  uses(limits: readonly SpendingLimit[]): Promise<readonly LimitUse[]>;
  /** These are not renewed any more. */
  drop(ids: readonly string[]): void;
}

/** The reservations of this process: it renews their lease for as long as it lives and needs them. */
export const makeReservations = ({
  unitOfWork,
  clock,
  randomness,
  events,
  leaseMs = LEASE_MS,
}: {
  readonly unitOfWork: UnitOfWork;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly events: Events;
  readonly leaseMs?: number | undefined;
}): Reservations => {
  const held = new Set<string>();
  const warned = new Set<string>();
  let isRenewing = false;

  const renew = async (): Promise<void> => {
    try {
      await unitOfWork.run(({ ledger }) => ledger.renew([...held], clock.now() + leaseMs));
    } catch (error) {
      events.emit({ type: 'reservations-not-renewed', reservations: held.size, reason: reasonOf(error) });
    }
    isRenewing = false;
    keep();
  };

  const keep = (): void => {
    if (isRenewing || held.size === 0) return;
    isRenewing = true;
    clock.after(leaseMs / 3, () => {
      if (held.size > 0) void renew();
      else isRenewing = false;
    });
  };

  const keyOf = ({ limit, chatId }: BudgetWarning, now: number): string =>
    `budget:${limit.path}:${new Date(now).toISOString().slice(0, 10)}:${chatId}`;

  return {
    reserve: async (reservation, limits, back, warnings) => {
      const now = clock.now();
      let told: readonly BudgetWarning[] = [];
      const reserved = await unitOfWork.run(async ({ ledger, outbox }) => {
        told = [];
        await ledger.release(back);
        const outcome = await ledger.reserve({ ...reservation, expiresAt: now + leaseMs }, limits, now);
        if (!outcome.admitted) return outcome;
        const fresh = warnings(outcome.uses).filter((warning) => !warned.has(keyOf(warning, now)));
        for (const warning of fresh)
          await outbox.add({
            chatId: warning.chatId,
            text: warning.text,
            answers: [],
            dedupeKey: keyOf(warning, now),
            deliveryKey: randomness.id(),
            createdAt: now,
          });
        told = fresh;
        return outcome;
      });
      for (const id of back) held.delete(id);
      if (reserved.lapsed > 0) events.emit({ type: 'reservations-lapsed', reservations: reserved.lapsed });
      for (const warning of told) {
        if (warned.size >= MAX_WARNED) warned.clear();
        warned.add(keyOf(warning, now));
        events.emit({ type: 'budget-warned', chatId: warning.chatId, path: warning.limit.path });
      }
      if (reserved.admitted) {
        held.add(reservation.id);
        keep();
      }
      return reserved;
    },
    uses: (limits) => unitOfWork.run(({ ledger }) => ledger.uses(limits, clock.now())),
    drop: (ids) => {
      for (const id of ids) held.delete(id);
    },
  };
};
