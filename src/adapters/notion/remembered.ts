import type { Clock } from '../../ports/clock.ts';

/** For how long a database is taken to be as it was. */
const REMEMBERED_MS = 5 * 60_000;
/** More than any installation has. */
const MAX_REMEMBERED = 100;

/** What was learnt of each database, for five minutes. */
export const makeRemembered = <Value>(clock: Pick<Clock, 'now'>) => {
  const known = new Map<string, { readonly value: Value; readonly at: number }>();
  return {
    get: (database: string): Value | undefined => {
      const found = known.get(database);
      const age = clock.now() - (found?.at ?? 0);
      return found && age >= 0 && age < REMEMBERED_MS ? found.value : undefined;
    },
    keep: (database: string, value: Value): void => {
      known.delete(database);
      known.set(database, { value, at: clock.now() });
      for (const oldest of [...known.keys()].slice(0, Math.max(0, known.size - MAX_REMEMBERED))) known.delete(oldest);
    },
    forget: (database: string): void => void known.delete(database),
  };
};
