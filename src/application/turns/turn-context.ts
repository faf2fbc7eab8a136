import type { ChatId } from '../../domain/chat/ids.ts';
import { makeTurnDraft, type TurnDraft } from '../../domain/conversation/decision.ts';
import { present } from '../../domain/shared/present.ts';
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
    requestedBy: { id: sender.id, ...present({ username: sender.username }) },
  }));
  const { messageId, sender, chat } = lastOf(records).message;
  const username = present({ username: sender.username });
  return {
    chatId: home,
    chatKind: chat.kind,
    requestedBy: { id: sender.id, ...username },
    scope: scopeOf(policy, { chatId: home, senderId: sender.id, ...username }),
    signal,
    draft: makeTurnDraft(),
    ...(home === chat.id ? { messageId, asked } : {}),
  };
};
