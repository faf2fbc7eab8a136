import type { LimitUse, Reservation, SpendingLimit } from '../../domain/budget/ledger.ts';
import type { ChatId } from '../../domain/chat/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Ledger, Reserved } from '../../ports/storage/ledger.ts';
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
  const held = new Map<string, Reservation>();
  const warned = new Set<string>();
  let isRenewing = false;

  /**
   * Puts back what has lapsed while this process stood still: it may be spent all the same, so it counts, whatever
   * others have reserved meanwhile.
   */
  const putBack = async (ledger: Pick<Ledger, 'reserve'>, now: number): Promise<readonly Reservation[]> => {
    const back = [...held.values()].filter(({ expiresAt }) => expiresAt <= now).map((each) => ({ ...each, expiresAt: now + leaseMs }));
    for (const each of back) await ledger.reserve(each, [], now);
    return back;
  };
  const renewed = (all: readonly Reservation[]): void => {
    for (const each of all) if (held.has(each.id)) held.set(each.id, each);
  };

  const renew = async (): Promise<void> => {
    try {
      const now = clock.now();
      const [all, ids] = [[...held.values()], [...held.keys()]];
      await unitOfWork.run(async ({ ledger }) => {
        await putBack(ledger, now);
        await ledger.renew(ids, now + leaseMs);
      });
      renewed(all.map((each) => ({ ...each, expiresAt: now + leaseMs })));
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

  const reserve: Reservations['reserve'] = async (reservation, limits, back, warnings) => {
    const now = clock.now();
    const fresh = { ...reservation, expiresAt: now + leaseMs };
    let told: readonly BudgetWarning[] = [];
    let restored: readonly Reservation[] = [];
    const reserved = await unitOfWork.run(async ({ ledger, outbox }) => {
      told = [];
      restored = await putBack(ledger, now);
      await ledger.release(back);
      const outcome = await ledger.reserve(fresh, limits, now);
      if (!outcome.admitted) return outcome;
      told = warnings(outcome.uses).filter((warning) => !warned.has(keyOf(warning, now)));
      for (const warning of told)
        await outbox.add({
          chatId: warning.chatId,
          text: warning.text,
          answers: [],
          dedupeKey: keyOf(warning, now),
          deliveryKey: randomness.id(),
          createdAt: now,
        });
      return outcome;
    });
    renewed(restored);
    for (const id of back) held.delete(id);
    if (reserved.lapsed > 0) events.emit({ type: 'reservations-lapsed', reservations: reserved.lapsed });
    for (const warning of told) {
      if (warned.size >= MAX_WARNED) warned.clear();
      warned.add(keyOf(warning, now));
      events.emit({ type: 'budget-warned', chatId: warning.chatId, path: warning.limit.path });
    }
    if (!reserved.admitted) return reserved;
    // It has lapsed before it was told: others may have the money by now.
    if (clock.now() >= fresh.expiresAt) return reserve(reservation, limits, [], warnings);
    held.set(reservation.id, fresh);
    keep();
    return reserved;
  };

  return {
    reserve,
    uses: (limits) => unitOfWork.run(({ ledger }) => ledger.uses(limits, clock.now())),
    drop: (ids) => {
      for (const id of ids) held.delete(id);
    },
  };
};
