import type { Plan } from './sensible-model.ts';
import type { Act } from './stories.ts';
import type { AnyWorld, Fixtures } from './world.ts';

/** Everyday work that must end well. */
export interface Task {
  readonly id: string;
  readonly kind:
    | 'search'
    | 'files'
    | 'Notion'
    | 'promises'
    | 'schedules'
    | 'memory'
    | 'coding'
    | 'safe tools'
    | 'acting tools'
    | 'research'
    | 'commands';
  readonly fixtures?: Fixtures;
  readonly plans: readonly Plan[];
  readonly acts: readonly Act[];
  /** Whether people want to be asked before it is done. */
  readonly approval: 'wanted' | 'needless';
  /** What is missing to a good end, in words; undefined where it ended well. */
  readonly lacks: (world: AnyWorld) => string | undefined | Promise<string | undefined>;
}
