import type { TrustVerdict } from '../../domain/trust/judge-trust.ts';
import type { Tool, ToolContext } from '../../ports/tool.ts';

/**
 * Whether a call may run here: now, once a person has approved it, or never.
 * - `run`: nothing stands against it.
 * - `ask`: an entitled person must approve exactly this call; `reason` says why, in words for that person.
 * - `refuse`: it is not run, and nobody can approve it here; `reason` is in words for the model.
 */
export type CallVerdict = TrustVerdict;

/** Decides over one call, by configuration, rights and labels; never by what a model says. */
export type JudgeCall = (tool: Tool, input: unknown, context: ToolContext) => CallVerdict;

/** Whether configuration lets a tool act here without an approval. */
export type MayAct = (tool: Tool, context: ToolContext) => boolean;
