import {
  afterEnd,
  endWords,
  isLooping,
  type ProcessEnd,
  SUPERVISION,
  type Supervised,
  type SupervisionSettings,
} from '../../domain/index.ts';
import { type Clock, type Events, type Randomness, reasonOf } from '../../ports/index.ts';
import type { Role } from '../data-dir.ts';
import { NotServingError, START_LIMIT_MS, startedInTime } from '../start-limit.ts';
import type { Started } from '../started.ts';
import { type AnswerGap, makeAnswerGap } from './answer-gap.ts';
import { type Child, ChildEndedError } from './child.ts';
import { makeEnding } from './ending.ts';
import { inPhase, makeSlot, namesOf, type Slot } from './slots.ts';
import { type Spawn, spawnFor } from './spawn-for.ts';
import { killStalled, longestSilence } from './stalled.ts';
import type { SupervisorPlan } from './state-file.ts';

/** A first start did not come about; nothing runs any more. */
export class NotStartedError extends Error {
  override readonly name = 'NotStartedError';
  readonly process: string;
  /** Absent: it did not end. */
  readonly end?: ProcessEnd;
  constructor(process: string, why: ProcessEnd | NotServingError) {
    super(`${process} did not start (${why instanceof NotServingError ? why.message : endWords(why)})`);
    this.process = process;
    if (!(why instanceof NotServingError)) this.end = why;
  }
}

export interface Supervisor {
  readonly slots: readonly Slot[];
  readonly gap: AnswerGap;
  /** Starts all. Rejects with NotStartedError, with all of them ended, where one does not serve. */
  start(): Promise<readonly Started[]>;
  /** Ends all of them in order, each with its work finished or given back. */
  stop(): Promise<void>;
  /** Has what ends give its work back at once. */
  hurry(): void;
  /** Has all of them read their configuration again. */
  reload(): void;
  /** For how long a store has not answered the process that waits for it the longest. */
  unansweredMs(): number;
  /** Resolves once nothing is left that could be started again. */
  readonly givenUp: Promise<void>;
  // For a rolling restart.
  add(name: string, role: Role): Slot;
  remove(slot: Slot): Promise<void>;
  /** Starts a process for the slot beside the one that runs. It waits until it is told to begin, and nobody owns it. */
  prepare(slot: Slot): Child;
  /** Makes it the process of the slot. */
  adopt(slot: Slot, child: Child): void;
  /** Takes the process of a slot from it: its end is no news. */
  release(slot: Slot): Child | undefined;
  /** Ends a process, with its work finished or given back. */
  end(slot: Slot, child: Child | undefined): Promise<void>;
  /** Ends a process that nobody owns. */
  dismiss(child: Child): Promise<void>;
}

export interface SupervisorSettings extends SupervisionSettings {
  /** Whose loop gives no sign of life for so long is killed. */
  readonly stalledMs: number;
  /** What does not serve within so long at the first start has not started. */
  readonly startMs: number;
  /** Who does not end within so long of being asked is killed: every process gives up before that. */
  readonly endMs: number;
}

export const SUPERVISOR: SupervisorSettings = { ...SUPERVISION, stalledMs: 60_000, startMs: START_LIMIT_MS, endMs: 50_000 };

interface SupervisorParts {
  readonly plan: SupervisorPlan;
  /** `isAgain`: it has run before. */
  readonly spawn: Spawn;
  readonly clock: Clock;
  readonly randomness: Pick<Randomness, 'fraction'>;
  readonly events: Events;
  readonly settings?: SupervisorSettings;
  /** Called where something has changed that others are told. */
  readonly onChange: () => void;
}

/** What keeps processes running. */
interface Keeper {
  enter(slot: Slot, phase: Supervised['phase'], keeps?: boolean): void;
  prepare(slot: Slot, isAgain?: boolean): Child;
  adopt(slot: Slot, child: Child): void;
  launch(slot: Slot, isAgain: boolean): Child;
}

/** Starts again what ends by itself, once it has served; calls `onGivenUp` once nothing is left that could be. */
const makeKeeper = (
  parts: SupervisorParts & { readonly slots: readonly Slot[]; readonly gap: AnswerGap },
  onGivenUp: () => void,
): Keeper => {
  const { slots, gap, clock, randomness, events, settings = SUPERVISOR, onChange } = parts;
  const elapsed = clock.elapsed ?? clock.now;

  const change = (slot: Slot, next: Supervised): void => {
    slot.state = next;
    onChange();
  };
  const enter = (slot: Slot, phase: Supervised['phase'], keeps = false): void =>
    change(slot, inPhase(slot.state, phase, { since: clock.now(), child: slot.child, keeps }));

  const prepare = (slot: Slot, isAgain = true): Child => spawnFor(slot, isAgain, { ...parts, elapsed, change });

  const adopt = (slot: Slot, child: Child): void => {
    slot.cancelAgain?.();
    slot.child = child;
    delete slot.drain;
    slot.heardAt = elapsed();
    slot.answeredAt = elapsed();
    enter(slot, 'starting');
    const ifStill = (then: () => void) => (): void => {
      if (slot.child === child) then();
    };
    child.started.then(
      ifStill(() => serves(slot, child)),
      () => undefined,
    );
    child.ended.then((end) => ifStill(() => ended(slot, end))());
  };

  const serves = (slot: Slot, child: Child): void => {
    slot.hasServed = true;
    enter(slot, 'running', true);
    events.emit({ type: 'child-started', name: slot.name, child: child.pid ?? 0 });
    clock.after(settings.wellMs, () => {
      if (slot.child !== child || slot.state.failures === 0) return;
      if (isLooping(slot.state, settings)) events.emit({ type: 'child-recovered', name: slot.name });
      change(slot, { ...slot.state, failures: 0 });
    });
  };

  const ended = (slot: Slot, end: ProcessEnd): void => {
    const pid = slot.child?.pid ?? 0;
    delete slot.child;
    gap.set(slot.name, false);
    if (slot.hasServed && slot.isWanted) startAgain(slot, pid, end);
    else enter(slot, 'stopped');
  };

  /** It ended, and nobody has asked it to. */
  const startAgain = (slot: Slot, child: number, end: ProcessEnd): void => {
    const { next, verdict } = afterEnd(slot.state, end, randomness.fraction(), settings);
    change(slot, next);
    const againMs = (next.nextAt ?? end.at) - end.at;
    events.emit({ type: 'child-ended', name: slot.name, child, end: endWords(end), servedMs: end.servedMs, verdict, againMs });
    if (slots.every(({ state }) => state.phase === 'given-up')) onGivenUp();
    if (verdict === 'given-up') return;
    slot.cancelAgain = clock.after(againMs, () => {
      if (slot.isWanted && slot.child === undefined) launchAgain(slot);
    });
  };

  /** What can't be spawned counts as a process that ended. */
  const launchAgain = (slot: Slot): void => {
    try {
      killUnlessServing(slot, launch(slot, true));
    } catch (error) {
      events.emit({ type: 'child-not-spawned', name: slot.name, reason: reasonOf(error), error });
      startAgain(slot, 0, { code: 1, signal: null, at: clock.now(), servedMs: 0 });
    }
  };

  /** What hangs over its start would be waited for forever: it is killed, and started again as any that ends. */
  const killUnlessServing = (slot: Slot, child: Child): void =>
    void startedInTime(child.started, { clock, limitMs: settings.startMs, waitsFor: child.waitsFor }).catch((error: unknown) => {
      if (!(error instanceof NotServingError) || slot.child !== child) return;
      events.emit({ type: 'child-not-serving', name: slot.name, child: child.pid ?? 0, reason: error.message });
      child.kill('SIGKILL');
    });

  const launch = (slot: Slot, isAgain: boolean): Child => {
    const child = prepare(slot, isAgain);
    adopt(slot, child);
    child.begin();
    return child;
  };

  return { enter, prepare, adopt, launch };
};

/**
 * Keeps a bot, workers and maybe a bot that stands by running. What ends by itself is started again, after a wait that
 * grows; what has a wrong configuration is not. What is stopped ends in this order: whoever stands by, as it would take
 * over from a bot that leaves; then the workers; last the bot, which delivers what these have finished.
 */
export const makeSupervisor = (parts: SupervisorParts): Supervisor => {
  const { plan, clock, events, settings = SUPERVISOR, onChange } = parts;
  const elapsed = clock.elapsed ?? clock.now;
  const gap = makeAnswerGap(elapsed);
  const ending = makeEnding(clock, settings.endMs);
  const slots: Slot[] = [];
  const givenUp = Promise.withResolvers<void>();
  const { enter, prepare, adopt, launch } = makeKeeper({ ...parts, slots, gap }, givenUp.resolve);

  const end = async (slot: Slot, child: Child | undefined): Promise<void> => {
    if (!child) return;
    gap.set(slot.name, false);
    await ending.end(child);
  };

  const endSlot = async (slot: Slot): Promise<void> => {
    slot.isWanted = false;
    enter(slot, slot.child ? 'stopping' : 'stopped', true);
    await end(slot, slot.child);
  };

  const stop = async (): Promise<void> => {
    for (const slot of slots) slot.isWanted = false;
    for (const role of ['standby', 'worker', 'bot'] as const) await Promise.all(slots.filter((slot) => slot.role === role).map(endSlot));
  };

  const add = (name: string, role: Role): Slot => {
    const slot = makeSlot(name, role, { now: clock.now(), elapsed: elapsed() });
    slots.push(slot);
    return slot;
  };
  for (const { name, role } of namesOf(plan)) add(name, role);

  return {
    slots,
    gap,
    start: async () => {
      const [bot, ...others] = slots as [Slot, ...Slot[]];
      try {
        const first = async (slot: Slot): Promise<Started> => {
          if (!slot.isWanted) throw new Error('a stop was asked for');
          return firstStart(slot, launch(slot, false), { clock, limitMs: settings.startMs });
        };
        const started = [await first(bot), ...(await Promise.all(others.map(first)))];
        killStalled(slots, { clock, events, limitMs: settings.stalledMs });
        return started;
      } catch (error) {
        await stop();
        throw error;
      }
    },
    stop,
    hurry: ending.hurry,
    reload: () => {
      for (const { child } of slots) child?.kill('SIGHUP');
    },
    unansweredMs: () => longestSilence(slots, elapsed()),
    givenUp: givenUp.promise,
    add,
    remove: async (slot) => {
      await endSlot(slot);
      slots.splice(slots.indexOf(slot), 1);
      onChange();
    },
    prepare,
    adopt,
    release: (slot) => {
      // Another process takes its place: none is started beside that, however long the end of this one takes.
      slot.cancelAgain?.();
      const { child } = slot;
      delete slot.child;
      return child;
    },
    end,
    dismiss: ending.end,
  };
};

const firstStart = (slot: Slot, child: Child, limit: { readonly clock: Clock; readonly limitMs: number }): Promise<Started> =>
  startedInTime(child.started, { ...limit, waitsFor: child.waitsFor }).catch((error: unknown) => {
    if (error instanceof ChildEndedError) throw new NotStartedError(slot.name, error.end);
    throw error instanceof NotServingError ? new NotStartedError(slot.name, error) : error;
  });
