import type { Drain, Supervised } from '../../domain/index.ts';
import type { Role } from '../data-dir.ts';
import type { Child } from './child.ts';
import type { SupervisorPlan } from './state-file.ts';

/** A process that is kept running, with the one that runs for it now. */
export interface Slot {
  readonly name: string;
  readonly role: Role;
  state: Supervised;
  child?: Child;
  /** Whether it is started again where it ends. */
  isWanted: boolean;
  /** Whether a process has served for it: what does not even do that at a first start is not started again. */
  hasServed: boolean;
  /** When its loop gave its last sign of life, and when its store had answered last. */
  heardAt: number;
  answeredAt: number;
  /** Takes back that it is started again after a wait, where it is to be. */
  cancelAgain?: () => void;
  /** What its process waits for, once that ends. */
  drain?: Drain;
}

export const makeSlot = (name: string, role: Role, { now, elapsed }: { readonly now: number; readonly elapsed: number }): Slot => ({
  name,
  role,
  state: { name, phase: 'stopped', since: now, ends: 0, failures: 0 },
  isWanted: true,
  hasServed: false,
  heardAt: elapsed,
  answeredAt: elapsed,
});

/** The state in another phase. What it said of the phase before does not count any more, unless `keeps`. */
export const inPhase = (
  { nextAt: _, status, pid: __, ...known }: Supervised,
  phase: Supervised['phase'],
  { since, child, keeps = false }: { readonly since: number; readonly child?: Child | undefined; readonly keeps?: boolean },
): Supervised => ({
  ...known,
  phase,
  since,
  ...(child?.pid === undefined ? {} : { pid: child.pid }),
  ...(keeps && status !== undefined ? { status } : {}),
});

/** The processes that a plan has, the bot first. */
export const namesOf = ({ workers, hasStandby }: SupervisorPlan): readonly { readonly name: string; readonly role: Role }[] => [
  { name: 'bot', role: 'bot' },
  ...(hasStandby ? [{ name: 'standby', role: 'standby' } as const] : []),
  ...Array.from({ length: workers }, (_, i) => ({ name: `worker-${i + 1}`, role: 'worker' }) as const),
];
