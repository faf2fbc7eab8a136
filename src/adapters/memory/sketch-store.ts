import { present } from '../../domain/index.ts';
import type { SketchStore, StoredMeasurements } from '../../ports/index.ts';
import { select } from './rows.ts';
import type { Tables } from './tables.ts';

export const makeSketchStore = ({ sketches }: Tables): SketchStore => ({
  add: async ({ id, from, until, isMerged, sketches: measured }) => {
    if (!sketches.get(id)) sketches.put({ id, from, until, isMerged, sketches: measured });
  },
  between: async ({ after, upTo, limit, behind }) => {
    const isNext = (each: StoredMeasurements): boolean => (behind ? byTime(each, behind) > 0 : each.until > after);
    const found = select(sketches.rows(), (each) => each.until <= upTo && isNext(each), byTime, limit);
    const last = found.length < limit ? undefined : found.at(-1);
    return { found: found.map(measuredOf), ...present({ next: last && { until: last.until, id: last.id } }) };
  },
  takeUnmerged: async ({ upTo, limit }) => {
    const taken = select(sketches.rows(), ({ isMerged, until }) => !isMerged && until <= upTo, byTime, limit);
    for (const { id } of taken) sketches.remove(id);
    return taken.map(measuredOf);
  },
  purge: async ({ before, after, limit }) => {
    const old = select(sketches.rows(), ({ until }) => until < before || until > after, byTime, limit);
    for (const { id } of old) sketches.remove(id);
    return old.length;
  },
});

type Place = Pick<StoredMeasurements, 'until' | 'id'>;
const byTime = (a: Place, b: Place): number => a.until - b.until || (a.id === b.id ? 0 : a.id < b.id ? -1 : 1);
const measuredOf = ({ id, from, until, sketches }: StoredMeasurements) => ({ id, from, until, sketches });
