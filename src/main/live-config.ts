import { AsyncLocalStorage } from 'node:async_hooks';
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/index.ts';
import { present } from '../domain/shared/present.ts';
import { viewOf } from '../domain/shared/view.ts';
import type { Correlation } from '../ports/index.ts';

/** What a running process takes over from a changed configuration; all else counts from its next start. */
export type Reloadable = Pick<Config, 'policy' | 'prices' | 'mcp' | 'models' | 'search' | 'notion'> & {
  readonly agents: Pick<Config['agents'], 'all' | 'skills' | 'places'>;
};

/** A part that prepares for what is to come, before it counts. Rejects where that can't be. */
export type PrepareReload = (next: Config) => Promise<RetireReload>;
/** Called once nothing goes on by what was before. */
export type RetireReload = () => Promise<void>;

/** The configuration of a running process, parts of which may be replaced. */
export interface LiveConfig {
  /**
   * Its policy, prices, agents and MCP servers are, inside of a scope of work, those with which that began, and
   * elsewhere the present ones. Keys of services are always the present ones: one that was replaced may be void.
   * Whoever keeps one of these objects sees every change.
   */
  readonly config: Config;
  /** The configuration that counts for what begins now. */
  current(): Config;
  /** Whether these parts are others than the present ones. */
  differs(next: Reloadable): boolean;
  /** Replaces them for what begins from now on. Rejects, with nothing replaced, where a part can't be prepared. */
  apply(next: Reloadable & Pick<Config, 'secrets'>): Promise<void>;
  /** Calls `prepare` before each replacement. */
  onReload(prepare: PrepareReload): void;
  /** The same correlation, in which a scope of work goes on by the configuration with which it began. */
  pinning<C extends Correlation>(correlation: C): C;
}

/** What a scope of work began with. */
interface Pin {
  readonly config: Config;
  isOver: boolean;
}

export const makeLiveConfig = (initial: Config): LiveConfig => {
  const pins = new AsyncLocalStorage<Pin>();
  const open = new Set<Pin>();
  const prepares: PrepareReload[] = [];
  /** What waits for the work that was open when it was replaced. */
  const retiring = new Map<RetireReload, ReadonlySet<Pin>>();
  const { notion } = initial;
  let current = initial;

  const now = (): Config => {
    const pin = pins.getStore();
    // What was started in a scope and outlives it, such as a loop, goes by what counts now.
    return pin && !pin.isOver ? pin.config : current;
  };

  const retireUnused = (): void => {
    for (const [retire, before] of retiring) {
      if ([...before].some((pin) => !pin.isOver)) continue;
      retiring.delete(retire);
      void retire();
    }
  };

  const pinned = <T>(config: Config, work: () => T): T => {
    const pin: Pin = { config, isOver: false };
    open.add(pin);
    const end = (): void => {
      pin.isOver = true;
      open.delete(pin);
      retireUnused();
    };
    return pins.run(pin, () => {
      try {
        const result = work();
        if (result instanceof Promise) result.then(end, end);
        else end();
        return result;
      } catch (error) {
        end();
        throw error;
      }
    });
  };

  const config: Config = Object.defineProperty(
    {
      ...initial,
      policy: viewOf(() => now().policy),
      prices: viewOf(() => now().prices),
      agents: viewOf(() => now().agents),
      mcp: viewOf(() => now().mcp),
      models: viewOf(() => current.models),
      search: viewOf(() => current.search),
      ...present({ notion: notion && viewOf(() => current.notion ?? notion) }),
    },
    // A secret stays one, whatever has taken its place.
    'secrets',
    { get: () => current.secrets, enumerable: true },
  );

  return {
    config,
    current: () => current,
    differs: (next) => !isDeepStrictEqual(partsOf(current), partsOf(next)),
    apply: async ({ secrets, ...next }) => {
      const { agents } = current;
      const replaced: Config = {
        ...current,
        policy: sameOr(current.policy, next.policy),
        prices: sameOr(current.prices, next.prices),
        mcp: sameOr(current.mcp, next.mcp),
        models: sameOr(current.models, next.models),
        search: sameOr(current.search, next.search),
        ...present({ notion: current.notion && next.notion && sameOr(current.notion, next.notion) }),
        agents: {
          ...agents,
          all: sameOr(agents.all, next.agents.all),
          skills: sameOr(agents.skills, next.agents.skills),
          places: next.agents.places,
        },
        secrets: sameOr(current.secrets, [...new Set([...current.secrets, ...secrets])]),
      };
      // Whatever is prepared may tell a secret already.
      current = { ...current, secrets: replaced.secrets };
      const retires = await Promise.all(prepares.map((prepare) => prepare(replaced)));
      current = replaced;
      const before = new Set(open);
      for (const retire of retires) retiring.set(retire, before);
      retireUnused();
    },
    onReload: (prepare) => void prepares.push(prepare),
    pinning: (correlation) => ({
      ...correlation,
      // A run of an agent is a part of what began it.
      run: (scope, work) => pinned(scope.name === 'agent' ? now() : current, () => correlation.run(scope, work)),
    }),
  };
};

/** What is made from a part is made anew only where the part is another one. */
const sameOr = <T>(before: T, after: T): T => (isDeepStrictEqual(before, after) ? before : after);

const partsOf = ({ policy, prices, mcp, models, search, notion, agents: { all, skills } }: Reloadable) => ({
  policy,
  prices,
  mcp,
  models,
  search,
  notion,
  all,
  skills,
});

/** What `make` makes of a value that `of` reads, made anew once that is another one. */
export const madeFrom = <K extends readonly unknown[], T>(of: () => K, make: () => T): (() => T) => {
  let last: { readonly from: K; readonly made: T } | undefined;
  return () => {
    const from = of();
    if (!last || from.some((part, i) => part !== last?.from[i])) last = { from, made: make() };
    return last.made;
  };
};
