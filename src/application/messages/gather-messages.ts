import { fitConversation } from '../../domain/conversation/conversation.ts';
import { accessOf } from '../../domain/message/access.ts';
import type { ChatId } from '../../domain/message/ids.ts';
import type { MessageRecord } from '../../domain/message/record.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Stores, UnitOfWork } from '../../ports/unit-of-work.ts';
import { asEntry } from './receive-message.ts';

/** Messages that one turn takes, at the most; the others wait for the next. */
const MAX_GATHERED = 50;

/**
 * The messages that a chat's next turn answers, oldest first: as many as a model can be shown together, and always one. Those that
 * are no longer allowed, because the configuration has changed since they came, are settled as denied and get silence.
 */
export const makeGatherMessages =
  (deps: {
    readonly stores: Pick<Stores, 'messages'>;
    readonly unitOfWork: UnitOfWork;
    readonly policy: AccessPolicy;
    readonly logger: Logger;
    readonly maxTokens: number;
  }) =>
  async (chatId: ChatId): Promise<readonly MessageRecord[]> => {
    const allowed: MessageRecord[] = [];
    for (const record of await deps.stores.messages.open(chatId, MAX_GATHERED)) {
      const { messageId, sender } = record.message;
      const username = sender.username === undefined ? {} : { username: sender.username };
      const access = accessOf(deps.policy, { chatId, senderId: sender.id, ...username });
      if (access.allowed) {
        allowed.push(record);
        continue;
      }
      await deps.unitOfWork.run(({ messages }) => messages.settle(chatId, [messageId], { kind: 'denied' }));
      deps.logger.warn({ chatId, messageId, senderId: sender.id, rule: access.rule, path: access.path }, 'message no longer allowed');
    }
    let count = allowed.length;
    while (count > 1 && !fitTogether(allowed.slice(0, count), deps.maxTokens)) count--;
    return allowed.slice(0, count);
  };

const fitTogether = (records: readonly MessageRecord[], maxTokens: number): boolean =>
  fitConversation(
    records.map(({ message }) => asEntry(message).step),
    { maxSteps: records.length, maxTokens },
  ).length === records.length;
