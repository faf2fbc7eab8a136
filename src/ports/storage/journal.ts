import type { Run, StoredRun } from '../../domain/agent/run.ts';
import type { RunId, RunStep } from '../../domain/agent/run-step.ts';
import type { ChatId } from '../../domain/chat/ids.ts';
import type { TurnId } from '../../domain/conversation/turn.ts';
import type { PromiseId } from '../../domain/promise/promise.ts';

/** Steps to append to a run. */
export interface JournalEntries {
  readonly run: Run;
  /** Names the process that appends, for as long as it works on this run. */
  readonly writer: string;
  /** How many steps the run has. With 0, the run itself is stored too. */
  readonly from: number;
  readonly steps: readonly RunStep[];
}

/** The steps of runs, so that an interrupted run goes on from its last one. */
export interface Journal {
  /**
   * Stores the steps at their places. MUST reject with PortError `concurrency`, and store none, if another writer has
   * stored a step at one of these places, or if the run has ended, or if the run is new and a message that it answers
   * was deleted: what was made of it is not kept either. To repeat the same call MUST change nothing.
   */
  append(entries: JournalEntries): Promise<void>;
  /**
   * The run of that chat's turn that has not ended; the newest if there are several. Inside a unit of work, nobody else
   * adds a step to it or ends it until the unit ends.
   */
  openTurn(chatId: ChatId): Promise<StoredRun | undefined>;
  /**
   * The newest `limit` runs of a promise, oldest of them first. Inside a unit of work, nobody else adds a step to them
   * or ends them until the unit ends.
   */
  ofPromise(promiseId: PromiseId, limit: number): Promise<readonly StoredRun[]>;
  /** The run that ended with that turn. */
  ofTurn(turnId: TurnId): Promise<StoredRun | undefined>;
  /**
   * Notes that the usage of the first `steps` steps is recorded elsewhere. Resolves to the number that was noted
   * before; 0 if there is no such run. Inside a unit of work, nobody else changes it until the unit ends. MUST never
   * lower it.
   */
  countUsage(id: RunId, steps: number): Promise<number>;
  /** Ends a run, with the turn that it came to. Nothing happens if it has ended, or was never stored. */
  end(id: RunId, at: number, turnId?: TurnId): Promise<void>;
  /**
   * At most `limit` runs of turns that began before `before` and have not ended, oldest first. Inside a unit of work,
   * nobody else adds a step to them or ends them until the unit ends.
   */
  openTurns(request: { readonly before: number; readonly limit: number }): Promise<readonly StoredRun[]>;
  /**
   * Deletes at most `limit` runs of turns that ended before `before`, with their steps. Resolves to how many. MUST
   * leave those that have not ended: their usage may not be recorded. Runs of promises go with their promise.
   */
  purge(request: { readonly before: number; readonly limit: number }): Promise<number>;
}
