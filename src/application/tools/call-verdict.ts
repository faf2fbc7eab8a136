import type { Leg } from '../../domain/trust/judge-trust.ts';
import type { TrustLabel } from '../../domain/trust/labels.ts';
import type { Tool, ToolContext } from '../../ports/tool.ts';

/**
 * Whether a call may run here: now, once a person has approved it, or never.
 * - `run`: nothing stands against it.
 * - `ask`: an entitled person must approve exactly this call; `reason` says why, in words for that person.
 * - `refuse`: it is not run, and nobody can approve it here; `reason` is in words for the model.
 */
export type CallVerdict =
  | { readonly kind: 'run' }
  | {
      readonly kind: 'ask' | 'refuse';
      readonly reason: string;
      /** Which of the three legs is taken away by that; the event `leg-removed` tells of it. */
      readonly leg?: Leg;
      /** Each call is asked about: no standing approval helps. */
      readonly isFirm?: true;
      /** A standing approval helps where it was given with a card that showed this label. */
      readonly ledBy?: TrustLabel;
    };

/** Decides over one call, by configuration, rights and labels; never by what a model says. */
export type JudgeCall = (tool: Tool, input: unknown, context: ToolContext) => CallVerdict;

/** Whether configuration lets a tool act here without an approval. */
export type MayAct = (tool: Tool, context: ToolContext) => boolean;
