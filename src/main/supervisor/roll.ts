import { endWords } from '../../domain/index.ts';
import { durationWords } from '../../domain/shared/duration.ts';
import { type Clock, reasonOf } from '../../ports/index.ts';
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

interface RollParts {
  /** Told of each step. */
  readonly onStep: (step: string) => void;
  /** Settles where all are to end: it goes no further then. */
  readonly stopped: Promise<unknown>;
  readonly clock: Clock;
  /** What does not serve within so long has not started. Default: five minutes. */
  readonly limitMs?: number;
}

interface Roll extends RollParts {
  readonly supervisor: Supervisor;
}

/**
 * Restarts every process, one after the other. What comes first shows whether a start works at all: where it does not,
 * nothing else is touched. Where bots may run side by side, another one takes over before the bot ends; elsewhere the
 * new bot is loaded before the old one ends, and begins as soon as that is gone.
 */
export const rollAll = async (
  supervisor: Supervisor,
  { canStandBy, ...parts }: RollParts & { readonly canStandBy: boolean },
): Promise<Rolled> => {
  const { slots, gap } = supervisor;
  const inRole = (role: Slot['role']): readonly Slot[] => slots.filter((slot) => slot.role === role);
  const roll: Roll = { supervisor, ...parts };
  gap.reset();
  try {
    if (canStandBy) {
      const [standby] = inRole('standby');
      if (standby) await replace(roll, standby);
      const guest = standby ? undefined : supervisor.add('standby', 'standby');
      try {
        if (guest) await startGuest(roll, guest);
        for (const bot of inRole('bot')) await replace(roll, bot);
        for (const worker of inRole('worker')) await replaceBeside(roll, worker);
      } finally {
        if (guest) await supervisor.remove(guest);
      }
    } else {
      for (const worker of inRole('worker')) await replaceBeside(roll, worker);
      for (const bot of inRole('bot')) await replace(roll, bot);
    }
    return { unansweredMs: gap.longestMs() };
  } catch (error) {
    return { unansweredMs: gap.longestMs(), failure: reasonOf(error) };
  }
};

/** A new process takes the place of the old one once it serves: both work for a moment. */
const replaceBeside = async (roll: Roll, slot: Slot): Promise<void> => {
  const { supervisor, onStep } = roll;
  onStep(`starts a new ${slot.name}`);
  const next = supervisor.prepare(slot);
  await orDismiss(roll, next, async () => {
    next.begin();
    await inTime(roll, slot, next.started);
    onStep(`ends the old ${slot.name}`);
  });
  const old = supervisor.release(slot);
  supervisor.adopt(slot, next);
  await supervisor.end(slot, old);
};

/** A new process is loaded, and begins once the old one has ended: they can't both have its lock. */
const replace = async (roll: Roll, slot: Slot): Promise<void> => {
  const { supervisor, onStep } = roll;
  onStep(`loads a new ${slot.name}`);
  const next = supervisor.prepare(slot);
  await orDismiss(roll, next, async () => {
    await inTime(roll, slot, next.loaded);
    onStep(`ends the old ${slot.name}`);
    const old = supervisor.release(slot);
    await supervisor.end(slot, old);
    onStep(`starts the new ${slot.name}`);
  });
  supervisor.adopt(slot, next);
  next.begin();
  await inTime(roll, slot, next.started);
};

const startGuest = async (roll: Roll, guest: Slot): Promise<void> => {
  const { supervisor, onStep } = roll;
  onStep('starts a bot that stands by');
  guest.isWanted = false;
  const child = supervisor.prepare(guest);
  supervisor.adopt(guest, child);
  child.begin();
  await inTime(roll, guest, child.started);
};

/** Nobody owns the process meanwhile: where `work` fails, it ends. */
const orDismiss = async ({ supervisor }: Roll, child: Child, work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    await supervisor.dismiss(child);
    throw error;
  }
};

/** Waits for a process no longer than the limit, or a stop, allows. */
const inTime = async ({ stopped, clock, limitMs = LIMIT_MS }: Roll, slot: Slot, waited: Promise<unknown>): Promise<void> => {
  const over = Promise.withResolvers<never>();
  const cancel = clock.after(limitMs, () => over.reject(new Error(`the new ${slot.name} did not start in ${durationWords(limitMs)}`)));
  const stop = stopped.then(() => {
    throw new Error('a stop was asked for');
  });
  try {
    await Promise.race([waited, over.promise, stop]);
  } catch (error) {
    throw notStarted(slot, error);
  } finally {
    cancel();
  }
};

const LIMIT_MS = 5 * 60_000;

const notStarted = (slot: Slot, error: unknown): Error =>
  error instanceof ChildEndedError
    ? new Error(`the new ${slot.name} did not start (${endWords(error.end)})`, { cause: error })
    : (error as Error);
