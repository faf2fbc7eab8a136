import type { AgentPromise, PromiseId } from '../../domain/promise/promise.ts';
import type { TransitionRefusal } from '../../domain/promise/transition.ts';
import type { Refusal, Result } from '../../domain/shared/result.ts';
import type { ToolContext } from '../tool.ts';

export type CommandPromiseRefusal = TransitionRefusal | Refusal<'promise/not-found' | 'promise/invalid' | 'promise/not-allowed'>;

/**
 * Resolves to the promise as it is stored afterwards. `once`: the name of a claim of `RequestKeys`; where its effect is
 * stored already, nothing is changed. Rejects with PortError.
 */
export type CommandPromise = (
  id: PromiseId,
  options?: { readonly once?: string | undefined },
) => Promise<Result<AgentPromise, CommandPromiseRefusal>>;

/** Ends a promise that has not ended: at once if it is not running, else by aborting its run. Its chat is told. */
export type CancelPromise = CommandPromise;

/**
 * Runs a failed or cancelled promise again, with all of its attempts. A promise that depends on others waits for them
 * again, or fails with them.
 */
export type RetryPromise = CommandPromise;

/** Makes a cancellation part of the turn in `context`. Only promises of that turn's chat can be cancelled. */
export type DraftCancellation = (id: PromiseId, context: ToolContext) => Promise<Result<AgentPromise, CommandPromiseRefusal>>;

/**
 * Deletes settled promises that are older than `olderThanMs` (default: the retention). Resolves to how many were
 * deleted, or in a dry run, would be. Rejects with PortError.
 */
export type PurgePromises = (options?: { readonly olderThanMs?: number; readonly dryRun?: boolean }) => Promise<number>;
