import type { UserId } from '../../domain/chat/ids.ts';
import { decideRight } from '../../domain/rights/decide-right.ts';
import { denialWords } from '../../domain/rights/denial-words.ts';
import { speakersOf } from '../../domain/rights/speakers.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import { type Events, silentEvents } from '../../ports/events.ts';
import type { ToolContext } from '../../ports/tool.ts';

/**
 * Why a turn may not end what `requestedBy` asked for, in words for the model; undefined where it may: everybody whom
 * the turn answers must have the right, as nothing says whose words led to it.
 */
export type RightOver = (context: ToolContext, requestedBy: UserId) => string | undefined;

export const makeRightOver =
  (policy: AccessPolicy, events: Events = silentEvents): RightOver =>
  (context, requestedBy) => {
    for (const speaker of speakersOf(context)) {
      const decision = decideRight(policy, speaker, speaker.senderId === requestedBy ? 'cancel-own' : 'cancel-others');
      if (decision.allowed) continue;
      const { action, rule, path } = decision;
      const { chatId, senderId } = speaker;
      events.emit({ type: 'right-denied', action, chatId, senderId, rule, path, door: 'tool' });
      return denialWords(policy, speaker, decision, { person: 'They' });
    }
    return undefined;
  };
