import type { LedgerEntry, LimitUse, Reservation } from '../../domain/budget/ledger.ts';
import type { Budget, MicroUsd } from '../../domain/budget/money.ts';
import type { Prices } from '../../domain/budget/prices.ts';
import type { PromiseId } from '../../domain/promise/promise.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { PortError } from '../../ports/port-error.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Redact } from '../../ports/redact.ts';
import type { PaidCall, Spending } from '../../ports/spending.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { retryWhileUnavailable } from '../loops/retry-while-unavailable.ts';
import { sleep } from '../loops/timers.ts';
import { stoppedWords, unpricedHelp, unpricedWords, warningWords } from './budget-words.ts';
import { type BudgetLimit, limitsFor, type Spender } from './limits.ts';
import { endedAs, type Planned, plannedCall, plannedCoding, plannedTool } from './planned.ts';
import { type BudgetWarning, makeReservations, type Reservations } from './reservations.ts';

/** Opens the spending of a run, whose entries begin with `id`: no other process uses it. `signal` ends its waiting. */
export type OpenSpending = (spender: Spender, signal: AbortSignal, id?: string) => Spending;

/** How long a run waits for what others have reserved and may not need, and how often it looks. */
const WAIT_MS = 20_000;
const LOOK_MS = 500;
/** When work that found everything reserved is tried again. */
const LATER_MS = 30_000;
const MAX_NAME_LENGTH = 120;

export interface BudgetDeps {
  readonly unitOfWork: UnitOfWork;
  readonly policy: AccessPolicy;
  readonly prices: Prices;
  /** What a promise may cost, where no budget says less. */
  readonly perPromise?: Budget | undefined;
  /** How long what is reserved counts after its process has died. Default: half a minute. */
  readonly leaseMs?: number | undefined;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly redact: Redact;
  readonly events: Events;
}

type Asked = Omit<Reservation, 'expiresAt'>;

/**
 * What runs pay for. Where no budget holds, every call only leaves its entry for the ledger. Where one does, the most
 * that a call can cost is reserved before it begins; its entry and the release are stored in one unit, with the step
 * that it led to.
 */
export const makeOpenSpending = (deps: BudgetDeps): OpenSpending => {
  const { prices, clock, randomness, redact } = deps;
  const reservations = makeReservations(deps);

  return (spender, signal, prefix = randomness.id()) => {
    const { chatKind: _, agent: __, ...belongs } = spender;
    const admit = makeAdmit(deps, reservations, spender, signal);
    const entries: LedgerEntry[] = [];
    /** Money is reserved for them: for those that go on, those that have ended, and those that were not paid. */
    const open = new Set<string>();
    const unsettled = new Set<string>();
    const unpaid = new Set<string>();
    let begunCalls = 0;
    /** How often people have allowed the promise as much again. */
    let raised = 0;

    const limitsNow = (at: number): readonly BudgetLimit[] =>
      limitsFor(deps.policy, spender, at, deps.perPromise).map((limit) => raisedBy(limit, raised));

    const begun = (planned: Planned, id: string, at: number, reserved?: MicroUsd): PaidCall => ({
      end: (end) => {
        const ended = endedAs(planned, end, reserved, prices);
        const entry: LedgerEntry | undefined = ended && {
          ...ended,
          ...belongs,
          id,
          at,
          on: planned.on,
          agent: spender.agent,
          name: excerpt(redact(ended.name), MAX_NAME_LENGTH),
        };
        if (entry) entries.push(entry);
        if (open.delete(id)) (entry ? unsettled : unpaid).add(id);
        return entry;
      },
    });

    const reserve = async (planned: Planned, id: string, at: number, limits: readonly BudgetLimit[]): Promise<PaidCall> => {
      const { name, most } = planned;
      if (most === undefined) throw admit.withoutPrice(name, limits);
      await admit.reserve({ id, at, name: excerpt(name, MAX_NAME_LENGTH), cost: most, ...belongs }, limits, unpaid);
      open.add(id);
      return begun(planned, id, at, most);
    };

    const begin = (planned: Planned): PaidCall | Promise<PaidCall> => {
      const at = clock.now();
      const id = `${prefix}-${begunCalls++}`;
      const limits = planned.most === 0 ? [] : limitsNow(at);
      return limits.length === 0 ? begun(planned, id, at) : reserve(planned, id, at, limits);
    };

    return {
      beginCall: (model, request) => begin(plannedCall(prices, model, request)),
      beginTool: (name) => begin(plannedTool(prices, name)),
      beginCoding: (name, maxCostUsd) => begin(plannedCoding(name, maxCostUsd)),
      cheaperModel: (isNeeded) => admit.cheaperModel(limitsNow(clock.now()), isNeeded),
      promiseLimit: () =>
        leastPromiseLimit(limitsFor(deps.policy, { ...spender, promiseId: spender.promiseId ?? ANY_PROMISE }, 0, deps.perPromise)),
      wantsMore: () => {
        const amount = admit.wantsMore();
        return amount === undefined ? undefined : { amount, before: raised };
      },
      allowMore: () => {
        raised++;
      },
      entries: () => entries,
      unsettled: () => [...unsettled, ...unpaid],
      settled: (ids) => {
        for (const id of ids) for (const kind of [unsettled, unpaid]) kind.delete(id);
        reservations.drop(ids);
      },
      close: () => {
        reservations.drop([...open, ...unsettled, ...unpaid]);
        for (const kind of [open, unsettled, unpaid]) kind.clear();
      },
    };
  };
};

/** Whether limits allow what is to begin: it is reserved, or refused in words for people. */
const makeAdmit = (deps: BudgetDeps, reservations: Reservations, spender: Spender, signal: AbortSignal) => {
  const { clock, events, policy } = deps;
  const { chatId } = spender;

  const warningsAt = (limits: readonly BudgetLimit[], uses: readonly LimitUse[], cost: MicroUsd): readonly BudgetWarning[] =>
    limits.flatMap((limit, i) => {
      const used = (usedOf(uses[i]) + cost) as MicroUsd;
      if (limit.span === 'promise' || used < limit.amount * limit.budget.warnAt) return [];
      return [{ limit, chatId, text: warningWords(limit, used, limit.budget.cheaperModel) }];
    });

  let wanted: MicroUsd | undefined;

  const overBudget = (limits: readonly BudgetLimit[], uses: readonly LimitUse[], asked: Asked, isOnlyReserved: boolean) => {
    const at = limits.findIndex(({ amount }, i) => usedOf(uses[i]) + asked.cost > amount);
    const [limit, use] = [limits[at], uses[at]];
    if (!limit || !use) return new Error('a reservation was refused, and every limit has room');
    wanted = limit.span === 'promise' ? limit.budget.perPromise : undefined;
    events.emit({ type: 'budget-stopped', chatId, path: limit.path, reason: 'used up', name: asked.name });
    return new PortError('over-budget', stoppedWords(limit, use, asked.cost, policy, spender), {
      retryable: isOnlyReserved,
      ...present({ retryAfterMs: isOnlyReserved ? LATER_MS : undefined }),
    });
  };

  return {
    wantsMore: (): MicroUsd | undefined => wanted,
    /** What has no price is not begun where a limit holds. */
    withoutPrice: (name: string, [limit]: readonly BudgetLimit[]): Error => {
      if (!limit) return new Error('nothing limits what has no price');
      events.emit({ type: 'budget-stopped', chatId, path: limit.path, reason: 'no price', name });
      return new PortError('over-budget', unpricedWords(name, limit), { retryable: false, help: unpricedHelp(name) });
    },
    /** Waits a while for what others have only reserved. Releases `unpaid` with it. */
    reserve: async (asked: Asked, limits: readonly BudgetLimit[], unpaid: Set<string>): Promise<void> => {
      for (const lastAt = clock.now() + WAIT_MS; ; await sleep(clock, LOOK_MS, signal)) {
        const back = [...unpaid];
        const { admitted, uses } = await retryWhileUnavailable(
          () => reservations.reserve(asked, limits, back, (found) => warningsAt(limits, found, asked.cost)),
          deps,
          signal,
        );
        for (const id of back) unpaid.delete(id);
        if (admitted) return;
        const isOnlyReserved = limits.every(({ amount }, i) => (uses[i]?.spent ?? 0) + asked.cost <= amount);
        if (!isOnlyReserved || clock.now() >= lastAt || signal.aborted) throw overBudget(limits, uses, asked, isOnlyReserved);
      }
    },
    cheaperModel: async (all: readonly BudgetLimit[], isNeeded: boolean): Promise<string | undefined> => {
      const limits = all.filter(({ budget, span }) => budget.cheaperModel !== undefined && span !== 'promise');
      if (limits.length === 0 || isNeeded) return limits[0]?.budget.cheaperModel;
      const uses = await retryWhileUnavailable(() => reservations.uses(limits), deps, signal);
      return limits.find(({ amount, budget }, i) => usedOf(uses[i]) >= amount * budget.warnAt)?.budget.cheaperModel;
    },
  };
};

/** Stands for a promise that is not made yet. */
const ANY_PROMISE = 0 as PromiseId;

const raisedBy = (limit: BudgetLimit, times: number): BudgetLimit =>
  limit.span === 'promise' ? { ...limit, amount: (limit.amount * (1 + times)) as MicroUsd } : limit;

const leastPromiseLimit = (limits: readonly BudgetLimit[]): MicroUsd | undefined => {
  const amounts = limits.flatMap(({ span, amount }) => (span === 'promise' ? amount : []));
  return amounts.length === 0 ? undefined : (Math.min(...amounts) as MicroUsd);
};

const usedOf = (use: LimitUse | undefined): number => (use?.spent ?? 0) + (use?.reserved ?? 0);
