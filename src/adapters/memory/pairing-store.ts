import { type Pairing, pairingFields, present } from '../../domain/index.ts';
import type { PairingStore } from '../../ports/index.ts';
import { firstOf, select } from './rows.ts';
import type { Tables } from './tables.ts';

export const makePairingStore = ({ pairings }: Tables): PairingStore => ({
  offer: async (pairing, { since, maxOpen }) => {
    for (const { userId } of select(pairings.rows(), ({ status, askedAt }) => status === 'asked' && askedAt <= since, byAge))
      pairings.remove(userId);
    const open = select(pairings.rows(), ({ status }) => status === 'asked', byAge);
    if (pairings.get(pairing.userId) || open.length >= maxOpen) return false;
    pairings.put(pairingFields(pairing));
    return true;
  },
  get: async (userId) => pairings.get(userId),
  byCode: async (code) => firstOf(pairings.rows(), (each) => each.code === code),
  update: async (userId, change) => {
    const stored = pairings.get(userId);
    const changed = stored && change(stored);
    if (stored && changed) pairings.put(decidedOf(stored, changed));
    return pairings.get(userId);
  },
  list: async ({ statuses, limit }) => select(pairings.rows(), ({ status }) => statuses?.includes(status) ?? true, byAge, limit),
  paired: async () =>
    select(
      pairings.rows(),
      ({ status }) => status === 'paired',
      (a, b) => (a.userId < b.userId ? -1 : 1),
    ).map(({ userId }) => userId),
});

const byAge = (a: Pairing, b: Pairing): number => b.askedAt - a.askedAt || (a.userId < b.userId ? -1 : 1);

const decidedOf = (stored: Pairing, { status, decidedAt, decidedBy }: Pairing): Pairing =>
  pairingFields({ ...stored, status, ...present({ decidedAt, decidedBy }) });
