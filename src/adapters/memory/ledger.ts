import {
  addUsage,
  countsWithin,
  fits,
  type LedgerEntry,
  type LimitUse,
  ledgerFields,
  moneyOf,
  NO_USAGE,
  present,
  type SpendingLimit,
  sumOf,
  type UsageGroup,
  type UsageRow,
  type UsageSum,
} from '../../domain/index.ts';
import type { Ledger, UsageQuery } from '../../ports/index.ts';
import type { Tables } from './tables.ts';

export const makeLedger = ({ ledger, reservations, promises }: Tables): Ledger => {
  const found = ({ since = 0, chatId }: UsageQuery): readonly LedgerEntry[] =>
    [...ledger.rows()].filter((entry) => entry.at >= since && (chatId === undefined || entry.chatId === chatId));

  const use = (limit: SpendingLimit, now: number, without?: string): LimitUse => ({
    spent: sumOf([...ledger.rows()].flatMap((entry) => (countsWithin(limit, entry) ? (entry.cost ?? []) : []))),
    reserved: sumOf(
      [...reservations.rows()].flatMap((held) =>
        held.expiresAt > now && held.id !== without && countsWithin(limit, held) ? held.cost : [],
      ),
    ),
  });

  return {
    add: async (entries) => {
      for (const entry of entries) {
        const before = ledger.get(entry.id);
        const { turnId, promiseId } = entry;
        ledger.put(
          before
            ? { ...before, ...present({ turnId: before.turnId ?? turnId, promiseId: before.promiseId ?? promiseId }) }
            : ledgerFields(entry),
        );
      }
    },
    total: async (query) => sumUp(found(query)),
    usage: async ({ by, limit, ...query }) =>
      [...Map.groupBy(found(query), (entry) => keyOf(entry, by))]
        .map(([key, entries]): UsageRow => ({ key, ...sumUp(entries) }))
        .sort(by === 'day' ? byDay : byCost)
        .slice(0, limit),
    spendingOver: async ({ since, until, stepMs }) => {
      const within = [...ledger.rows()].filter(({ at }) => at >= since && at < until);
      return [...Map.groupBy(within, ({ at }) => Math.floor(at / stepMs) * stepMs)]
        .sort(([a], [b]) => a - b)
        .map(([at, entries]) => ({ at, cost: sumOf(entries.flatMap(({ cost }) => cost ?? [])), calls: entries.length }));
    },
    reserved: async (now) => sumOf([...reservations.rows()].flatMap(({ cost, expiresAt }) => (expiresAt > now ? cost : []))),
    uses: async (limits, now) => limits.map((limit) => use(limit, now)),
    reserve: async (reservation, limits, now) => {
      const expired = [...reservations.rows()].filter(({ expiresAt }) => expiresAt <= now);
      for (const { id } of expired) reservations.remove(id);
      const uses = limits.map((limit) => use(limit, now, reservation.id));
      const admitted = limits.every((limit, at) => fits(limit, uses[at] ?? NOTHING_YET, reservation.cost));
      if (admitted) {
        const { id, at, name, chatId, cost, expiresAt, workspace, person, promiseId } = reservation;
        reservations.put({ id, at, name, chatId, cost, expiresAt, ...present({ workspace, person, promiseId }) });
      }
      return { admitted, uses, lapsed: expired.length };
    },
    renew: async (ids, expiresAt) => {
      for (const id of ids) {
        const held = reservations.get(id);
        if (held) reservations.put({ ...held, expiresAt });
      }
    },
    release: async (ids) => {
      for (const id of ids) reservations.remove(id);
    },
    ofTurn: async (id) => sumUp([...ledger.rows()].filter(({ turnId }) => turnId === id)),
    ofPromise: async (id) => sumUp([...ledger.rows()].filter(({ promiseId }) => promiseId === id)),
    costsOfPromises: async ({ agent, limit }) => {
      const ofAgent = [...ledger.rows()].filter((entry) => entry.agent === agent && entry.promiseId !== undefined);
      return [...Map.groupBy(ofAgent, ({ promiseId }) => promiseId ?? 0)]
        .filter(
          ([id, entries]) => entries.every(({ cost }) => cost !== undefined) && (promises.get(id)?.status ?? 'completed') === 'completed',
        )
        .sort(([a], [b]) => b - a)
        .slice(0, limit)
        .map(([, entries]) => sumOf(entries.flatMap(({ cost }) => cost ?? [])))
        .sort((a, b) => a - b);
    },
    purge: async ({ before, limit }) => {
      const old = [...ledger.rows()]
        .filter(({ at }) => at < before)
        .sort((a, b) => a.at - b.at)
        .slice(0, limit);
      for (const { id } of old) ledger.remove(id);
      return old.length;
    },
  };
};

const NOTHING_YET: LimitUse = { spent: moneyOf(0), reserved: moneyOf(0) };

const sumUp = (entries: readonly LedgerEntry[]): UsageSum => ({
  ...entries.map(({ usage }) => usage).reduce(addUsage, NO_USAGE),
  cost: sumOf(entries.flatMap(({ cost }) => cost ?? [])),
  calls: entries.length,
  unpriced: entries.filter(({ cost }) => cost === undefined).length,
});

const keyOf = ({ workspace = '', person, agent, name, at }: LedgerEntry, by: UsageGroup): string =>
  ({ workspace, person: person ?? '', agent, tool: name, day: new Date(at).toISOString().slice(0, 10) })[by];

const byCost = (a: UsageRow, b: UsageRow): number => b.cost - a.cost || b.calls - a.calls || (a.key < b.key ? -1 : 1);
const byDay = (a: UsageRow, b: UsageRow): number => (a.key < b.key ? 1 : -1);
