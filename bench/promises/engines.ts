import type { Contender } from './contender.ts';
import { type Engine, kept, keptPostgres, openEmbedded, openOnPostgres } from './kept.ts';
import { inFreshPlaces, type Places } from './places.ts';

/** Kept's two engines, for what is measured on them alone. */
export const ENGINES = {
  kept: { contender: kept, open: openEmbedded },
  keptPostgres: { contender: keptPostgres, open: openOnPostgres },
} as const satisfies Record<string, { readonly contender: Contender; open(place: string): Promise<Engine> }>;

export type EngineKey = keyof typeof ENGINES;
export const ENGINE_KEYS = Object.keys(ENGINES) as readonly EngineKey[];

/** Runs `use` with engines on fresh data, `each` of them on the same, and closes them. */
export const withEngines = <T>(
  places: Places,
  key: EngineKey,
  { fresh, each = 1 }: { readonly fresh: number; readonly each?: number },
  use: (engines: readonly Engine[]) => Promise<T>,
): Promise<T> => {
  const { contender, open } = ENGINES[key];
  return inFreshPlaces(places, contender, fresh, async (all) => {
    const engines: Engine[] = [];
    try {
      for (const place of all.flatMap((one) => Array.from({ length: each }, () => one))) engines.push(await open(place));
      return await use(engines);
    } finally {
      for (const engine of engines) await engine.close();
    }
  });
};
