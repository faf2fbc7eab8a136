import type { DoneAct, RunId, RunStep, RunStepOf } from '../domain/agent/run-step.ts';

/** A step that an earlier process recorded. */
export interface TakenStep<Kind extends RunStep['kind']> {
  readonly step: RunStepOf<Kind>;
  /** Its usage is counted already: an earlier process recorded it. */
  readonly isCounted: boolean;
}

/**
 * The steps of one run, in their order. A run that goes on after an interruption first takes over what was recorded: it
 * asks for the steps in the order in which it would make them, and does for itself only what is not there.
 */
export interface RunJournal {
  readonly runId?: RunId;
  /** All steps so far, oldest first, also those that are recorded and not taken over yet. */
  steps(): readonly RunStep[];
  /** What earlier runs of the same promise did with tools that act, oldest first. */
  readonly earlierActs: readonly DoneAct[];
  /** Whether recorded steps are left to take over. */
  isReplaying(): boolean;
  /** Takes over the next recorded step if it is of that kind; else undefined. */
  take<Kind extends RunStep['kind']>(kind: Kind): TakenStep<Kind> | undefined;
  /** Adds a step of this process's own. It is durable after the next `flush`, or with the commit that ends the run. */
  add(step: RunStep): void;
  /**
   * Resolves when every added step is durable. MUST reject with OutdatedRunError if another process goes on with the
   * run. Asks the storage again while it is away, until `signal` aborts.
   */
  flush(signal: AbortSignal): Promise<void>;
  /** The key of a call of the last reply: the same in every process. Absent if the run is not stored. */
  callKey(call: number): string | undefined;
}

/** Another process goes on with this run. Nothing more of it may be done or stored here. */
export class OutdatedRunError extends Error {
  override readonly name = 'OutdatedRunError';
}
