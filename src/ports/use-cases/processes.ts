import type { ListedProcess, Restarts } from '../../domain/process/register.ts';

export interface ProcessesReport {
  /** When it was asked, in ms since 1970. */
  readonly at: number;
  /** The latest sign of life first. */
  readonly processes: readonly ListedProcess[];
  /** The name of the process that leads, as far as a living one says; it need not be in the register. */
  readonly leader?: string;
  /** What began within the last `restartsWithinMs`, and is over already. */
  readonly restarts: readonly Restarts[];
  /** Those of them that the rule `process.restarts` takes for too many; none where it is off. */
  readonly looping: readonly Restarts[];
  readonly restartsWithinMs: number;
}

/** Every process on this storage that lives, or was there within the last day, wherever it runs. */
export type ListProcesses = () => Promise<ProcessesReport>;
