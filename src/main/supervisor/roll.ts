import { endWords } from '../../domain/index.ts';
import { reasonOf } from '../../ports/index.ts';
import { type Child, ChildEndedError } from './child.ts';
import type { Slot } from './slots.ts';
import type { Supervisor } from './supervisor.ts';

/** What a rolling restart came to. */
export interface Rolled {
  /** The longest time in which nobody answered. */
  readonly unansweredMs: number;
  /** Why it went no further. What had not been restarted by then runs on. */
  readonly failure?: string;
}

/**
 * Restarts every process, one after the other. What comes first shows whether a start works at all: where it does not,
 * nothing else is touched. Where bots may run side by side, another one takes over before the bot ends; elsewhere the
 * new bot is loaded before the old one ends, and begins as soon as that is gone.
 */
export const rollAll = async (
  supervisor: Supervisor,
  { canStandBy, onStep }: { readonly canStandBy: boolean; readonly onStep: (step: string) => void },
): Promise<Rolled> => {
  const { slots, gap } = supervisor;
  const inRole = (role: Slot['role']): readonly Slot[] => slots.filter((slot) => slot.role === role);
  gap.reset();
  try {
    if (canStandBy) {
      const [standby] = inRole('standby');
      if (standby) await replace(supervisor, standby, onStep);
      const guest = standby ? undefined : supervisor.add('standby', 'standby');
      try {
        if (guest) await startGuest(supervisor, guest, onStep);
        for (const bot of inRole('bot')) await replace(supervisor, bot, onStep);
        for (const worker of inRole('worker')) await replaceBeside(supervisor, worker, onStep);
      } finally {
        if (guest) await supervisor.remove(guest);
      }
    } else {
      for (const worker of inRole('worker')) await replaceBeside(supervisor, worker, onStep);
      for (const bot of inRole('bot')) await replace(supervisor, bot, onStep);
    }
    return { unansweredMs: gap.longestMs() };
  } catch (error) {
    return { unansweredMs: gap.longestMs(), failure: reasonOf(error) };
  }
};

/** A new process takes the place of the old one once it serves: both work for a moment. */
const replaceBeside = async (supervisor: Supervisor, slot: Slot, onStep: (step: string) => void): Promise<void> => {
  onStep(`starts a new ${slot.name}`);
  const next = supervisor.prepare(slot);
  next.begin();
  await serving(slot, next);
  const old = supervisor.release(slot);
  supervisor.adopt(slot, next);
  onStep(`ends the old ${slot.name}`);
  await supervisor.end(slot, old);
};

/** A new process is loaded, and begins once the old one has ended: they can't both have its lock. */
const replace = async (supervisor: Supervisor, slot: Slot, onStep: (step: string) => void): Promise<void> => {
  onStep(`loads a new ${slot.name}`);
  const next = supervisor.prepare(slot);
  await next.loaded.catch((error: unknown) => {
    throw notStarted(slot, error);
  });
  onStep(`ends the old ${slot.name}`);
  const old = supervisor.release(slot);
  await supervisor.end(slot, old);
  onStep(`starts the new ${slot.name}`);
  supervisor.adopt(slot, next);
  next.begin();
  await serving(slot, next);
};

const startGuest = async (supervisor: Supervisor, guest: Slot, onStep: (step: string) => void): Promise<void> => {
  onStep('starts a bot that stands by');
  guest.isWanted = false;
  const child = supervisor.prepare(guest);
  supervisor.adopt(guest, child);
  child.begin();
  await serving(guest, child);
};

const serving = (slot: Slot, child: Child): Promise<unknown> =>
  child.started.catch((error: unknown) => {
    throw notStarted(slot, error);
  });

const notStarted = (slot: Slot, error: unknown): Error =>
  error instanceof ChildEndedError
    ? new Error(`the new ${slot.name} did not start (${endWords(error.end)})`, { cause: error })
    : (error as Error);
