import type { ChatId, UserId } from '../chat/ids.ts';
import type { RightRule } from '../rights/right-decision.ts';
import type { Action } from '../rights/rights.ts';

/** Somebody who was let in asked for what they may not do. */
export interface RightEvent {
  readonly type: 'right-denied';
  readonly action: Action;
  readonly chatId: ChatId;
  readonly senderId: UserId;
  readonly rule: RightRule;
  /** Where in the configuration that rule stands. */
  readonly path: string;
  /** `tool`: a model called for it. */
  readonly door: 'command' | 'tool';
}
