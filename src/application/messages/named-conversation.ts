import type { ConversationEntry, ConversationStep } from '../../domain/conversation/conversation.ts';
import { makeUniqueNames } from '../../domain/conversation/speakers.ts';
import type { MessageId } from '../../domain/message/ids.ts';
import type { Sender } from '../../domain/message/message.ts';
import type { MessageRecord } from '../../domain/message/record.ts';
import type { Stores } from '../../ports/unit-of-work.ts';
import { asEntry } from './as-entry.ts';

type PersonStep = Extract<ConversationStep, { role: 'person' }>;

/**
 * What was said in a chat, and what is asked now, as a model is shown it: people under names that tell them apart. Who
 * sent a message is what the inbox says, and not the name that they had chosen.
 */
export const makeNamedConversation =
  ({ messages }: Pick<Stores, 'messages'>) =>
  async (
    history: readonly ConversationEntry[],
    records: readonly [MessageRecord, ...MessageRecord[]],
  ): Promise<{ readonly before: readonly ConversationStep[]; readonly asked: readonly PersonStep[] }> => {
    const before = history.map(({ step }) => step);
    const asked = records.map(({ message }) => asEntry(message).step);
    const known = before.flatMap((step) => (step.role === 'person' && step.messageId !== undefined ? [step.messageId] : []));
    const { chatId } = records[0].message;
    const senders = new Map<MessageId, Sender>([
      ...(known.length > 0 ? await messages.senders(chatId, known) : []),
      ...records.map(({ message }) => [message.messageId, message.sender] as const),
    ]);
    const speakerOf = (step: ConversationStep) => {
      const sender = step.role === 'person' && step.messageId !== undefined ? senders.get(step.messageId) : undefined;
      return step.role === 'person' && sender ? { ...sender, name: step.name } : undefined;
    };
    const uniqueName = makeUniqueNames([...before, ...asked].flatMap((step) => speakerOf(step) ?? []));
    const named = <Step extends ConversationStep>(step: Step): Step => {
      const speaker = speakerOf(step);
      return speaker ? { ...step, name: uniqueName(speaker) } : step;
    };
    return { before: before.map(named), asked: asked.map(named) };
  };
