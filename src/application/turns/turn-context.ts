import type { ChatId } from '../../domain/chat/ids.ts';
import { makeTurnDraft, type TurnDraft } from '../../domain/conversation/decision.ts';
import { originOf } from '../../domain/message/access.ts';
import { requesterFields } from '../../domain/promise/fields.ts';
import { type AccessPolicy, scopeOf } from '../../domain/workspace/policy.ts';
import type { ToolContext } from '../../ports/tool.ts';
import { lastOf, type TurnMessages } from './commit-turn.ts';

/** What tools see of a turn: there, something may be decided. */
export type TurnContext = ToolContext & { readonly draft: TurnDraft };

/**
 * The context of the turn that answers these messages in the chat `home`. If they came to an earlier id of that chat,
 * their numbers mean nothing there, and are left out.
 */
export const turnContextOf = (records: TurnMessages, home: ChatId, policy: AccessPolicy, signal: AbortSignal): TurnContext => {
  const asked = records.map(({ message: { messageId, sender } }) => ({
    messageId,
    requestedBy: requesterFields(sender),
  }));
  const { message } = lastOf(records);
  const { messageId, sender, chat } = message;
  return {
    chatId: home,
    chatKind: chat.kind,
    requestedBy: requesterFields(sender),
    scope: scopeOf(policy, { ...originOf(message), chatId: home }),
    signal,
    draft: makeTurnDraft(),
    ...(home === chat.id ? { messageId, asked } : {}),
  };
};
