import type { Supervised } from '../../domain/index.ts';
import { STANDING_FIELD } from '../service.ts';
import type { AnswerGap } from './answer-gap.ts';
import type { Child, Heard } from './child.ts';
import type { Slot } from './slots.ts';

/** `isAgain`: it has run before. */
export type Spawn = (slot: Slot, isAgain: boolean, hear: Heard) => Child;

/** Starts a process, whose words count once it is the one of its slot. */
export const spawnFor = (
  slot: Slot,
  isAgain: boolean,
  {
    spawn,
    gap,
    elapsed,
    change,
  }: {
    readonly spawn: Spawn;
    readonly gap: AnswerGap;
    readonly elapsed: () => number;
    readonly change: (slot: Slot, next: Supervised) => void;
  },
): Child => {
  let child: Child | undefined;
  const isOwn = (): boolean => child !== undefined && slot.child === child;
  child = spawn(slot, isAgain, {
    onAlive: () => {
      if (isOwn()) slot.heardAt = elapsed();
    },
    onDraining: (drain) => {
      if (!isOwn()) return;
      slot.drain = drain;
      change(slot, slot.state);
    },
    onTold: (fields) => {
      if (!isOwn()) return;
      if ('WATCHDOG' in fields || 'READY' in fields) slot.answeredAt = elapsed();
      if (STANDING_FIELD in fields) gap.set(slot.name, fields[STANDING_FIELD] === 'answers');
      if ('STATUS' in fields) change(slot, { ...slot.state, status: String(fields.STATUS) });
    },
  });
  return child;
};
