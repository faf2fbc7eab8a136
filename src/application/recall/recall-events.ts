import type { ChatId } from '../../domain/chat/ids.ts';
import { type Decision, decisionsOf } from '../../domain/conversation/decision.ts';
import type { RecallEvent } from '../../domain/events/recall-events.ts';
import { present } from '../../domain/shared/present.ts';

/** What a turn has remembered, forgotten and saved, once it is committed. */
export const recallEvents = (decisions: readonly Decision[], chatId: ChatId): readonly RecallEvent[] => {
  const links = decisionsOf({ decisions }, 'save-link').length;
  return [
    ...decisionsOf({ decisions }, 'remember-fact').map(
      ({ fact: { id, messageId, workspace } }): RecallEvent => ({
        type: 'fact-remembered',
        factId: id,
        chatId,
        about: workspace === undefined ? 'person' : 'workspace',
        ...present({ messageId }),
      }),
    ),
    ...decisionsOf({ decisions }, 'forget-fact').map(({ factId }): RecallEvent => ({ type: 'fact-forgotten', factId, chatId, by: 'turn' })),
    ...(links === 0 ? [] : [{ type: 'link-saved', chatId, by: 'turn', count: links } as const]),
  ];
};
