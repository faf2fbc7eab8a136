import type { AccessRule } from '../message/access.ts';
import type { Action, Role } from './rights.ts';

/**
 * What decided: the rule by which somebody is not let in, or one of these.
 * - `operator`: whoever is at this machine may do everything.
 * - `owner`, `member`, `guest`: the role that configuration gives. `no-role`: it gives none.
 * - `own-request`: without a role, in a direct conversation of one's own.
 * - `not-a-person`: a bot, or the agent itself.
 * - `others-chat`: a direct conversation with somebody else.
 * - `not-a-dev-group`: code is changed there only after an approval.
 */
export type RightRule = 'operator' | Role | 'no-role' | 'own-request' | 'not-a-person' | 'others-chat' | 'not-a-dev-group' | AccessRule;

/** Whether somebody may do it, with the rule that decided and where in the configuration that rule stands. */
export interface RightDecision {
  readonly action: Action;
  readonly allowed: boolean;
  readonly rule: RightRule;
  readonly path: string;
  /** Whoever is entitled there must approve it first. */
  readonly needsApproval?: true;
}
