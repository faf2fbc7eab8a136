import type { ClaimedRequest, RequestKeys } from '../../ports/index.ts';
import { concurrency, firstOf, select } from './rows.ts';
import type { RequestKeyRow, Tables } from './tables.ts';

const byTime = (a: RequestKeyRow, b: RequestKeyRow): number => a.at - b.at;

const named = (keys: Tables['requestKeys'], name: string): RequestKeyRow | undefined => firstOf(keys.rows(), ({ once }) => once === name);

export const makeRequestKeys = ({ requestKeys }: Tables): RequestKeys => ({
  claim: async ({ key, request, once, at, until }): Promise<ClaimedRequest> => {
    const known = requestKeys.get(key);
    if (known && known.request !== request) return { kind: 'other' };
    if (known?.answer) return { kind: 'answered', answer: known.answer };
    if (known && known.until > at) return { kind: 'running' };
    requestKeys.put(known ? { ...known, until } : { key, request, once, at, until });
    return { kind: 'claimed', once: known?.once ?? once };
  },
  isDone: async (once) => named(requestKeys, once)?.doneAt !== undefined,
  markDone: async (once, doneAt) => {
    const known = named(requestKeys, once);
    if (!known || known.doneAt !== undefined) throw concurrency('the request with this key was carried out already');
    requestKeys.put({ ...known, doneAt });
  },
  answer: async (key, answer) => {
    const known = requestKeys.get(key);
    if (known && !known.answer) requestKeys.put({ ...known, answer });
  },
  release: async (key) => {
    const known = requestKeys.get(key);
    if (known && !known.answer) requestKeys.put({ ...known, until: 0 });
  },
  purge: async ({ before, most, limit }) => {
    const all = select(requestKeys.rows(), () => true, byTime);
    const old = all.filter(({ at }, nth) => at < before || nth < all.length - most).slice(0, limit);
    for (const { key } of old) requestKeys.remove(key);
    return old.length;
  },
});
