import type { Run } from '../domain/agent/run.ts';
import type { DoneAct, RunId, RunStep, RunStepOf } from '../domain/agent/run-step.ts';
import type { Spending } from './spending.ts';
import type { JournalEntries } from './storage/journal.ts';

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
  take<Kind extends RunStep['kind']>(kind: Kind): RunStepOf<Kind> | undefined;
  /** Adds a step of this process's own. It is durable after the next `flush`, or with the commit that ends the run. */
  add(step: RunStep): void;
  /**
   * Resolves when every added step is durable. MUST reject with OutdatedRunError if another process goes on with the
   * run. Asks the storage again while it is away, until `signal` aborts.
   */
  flush(signal: AbortSignal): Promise<void>;
  /** What the run pays for is stored with its steps from now on. */
  settles?(spending: Spending): void;
  /** The key of a call of the last reply: the same in every process. Absent if the run is not stored. */
  callKey(call: number): string | undefined;
}

/** A run as far as it has come, for whoever stores its end. */
export interface RunRecord {
  readonly run: Run;
  /** All steps so far, oldest first. */
  steps(): readonly RunStep[];
  /** How many of them an earlier process recorded. */
  readonly recorded: number;
  /** Whether the run may be stored: an append was tried, or an earlier process stored it. */
  isBegun(): boolean;
  /** What is not known to be stored yet. */
  rest(): JournalEntries;
}

/** Another process goes on with this run. Nothing more of it may be done or stored here. */
export class OutdatedRunError extends Error {
  override readonly name = 'OutdatedRunError';
}
