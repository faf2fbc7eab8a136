import type { CardStore } from '../../ports/index.ts';
import { select } from './rows.ts';
import type { Tables } from './tables.ts';

export const makeCardStore = ({ approvals, cards }: Tables): CardStore => ({
  behind: async (after, limit) =>
    select(
      approvals.rows(),
      ({ id, status }) => id > after && (cards.get(id)?.shows ?? 'asked') !== status,
      (a, b) => a.id - b.id,
      limit,
    ),
  markShown: async (id, status) => {
    if (approvals.get(id)) cards.put({ id, shows: status });
  },
});
