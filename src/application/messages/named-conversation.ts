import type { ConversationEntry, ConversationStep } from '../../domain/conversation/conversation.ts';
import { makeUniqueNames } from '../../domain/conversation/speakers.ts';
import type { MessageId } from '../../domain/message/ids.ts';
import type { Sender } from '../../domain/message/message.ts';
import type { MessageRecord } from '../../domain/message/record.ts';
import type { Stores } from '../../ports/unit-of-work.ts';
import { asEntry } from './as-entry.ts';

type PersonStep = Extract<ConversationStep, { role: 'person' }>;
type NamedConversation = { readonly before: readonly ConversationStep[]; readonly asked: readonly PersonStep[] };

/**
 * What was said in a chat, and what is asked now, as a model is shown it: when it was said, and by whom. In a group
 * people have names that tell them apart: who sent a message is what the inbox says, and not the name that they had
 * chosen. In a direct conversation all that is said is one person's, whatever they called themselves.
 */
export const makeNamedConversation =
  ({ messages }: Pick<Stores, 'messages'>) =>
  async (history: readonly ConversationEntry[], records: readonly [MessageRecord, ...MessageRecord[]]): Promise<NamedConversation> => {
    const asked = records.map(({ message }) => asEntry(message));
    const [{ message: first }] = records;
    if (first.chatKind === 'direct') {
      const { name } = asEntry((records.at(-1) ?? records[0]).message).step;
      return { before: history.map((entry) => timed(entry, { name })), asked: asked.map((entry) => timed(entry, { name })) };
    }
    const known = history.flatMap(({ step }) => (step.role === 'person' && step.messageId !== undefined ? [step.messageId] : []));
    const senders = new Map<MessageId, Sender>([
      ...(known.length > 0 ? await messages.senders(first.chatId, known) : []),
      ...records.map(({ message }) => [message.messageId, message.sender] as const),
    ]);
    const speakerOf = ({ step }: ConversationEntry) => {
      const sender = step.role === 'person' && step.messageId !== undefined ? senders.get(step.messageId) : undefined;
      return step.role === 'person' && sender ? { ...sender, name: step.name } : undefined;
    };
    const uniqueName = makeUniqueNames([...history, ...asked].flatMap((entry) => speakerOf(entry) ?? []));
    const named = <Step extends ConversationStep>(entry: ConversationEntry & { readonly step: Step }): Step => {
      const speaker = speakerOf(entry);
      return timed(entry, speaker ? { name: uniqueName(speaker), inGroup: true } : {});
    };
    return { before: history.map(named), asked: asked.map(named) };
  };

const timed = <Step extends ConversationStep>(
  { step, at }: { readonly step: Step; readonly at: number },
  shown: { readonly name?: string; readonly inGroup?: true },
): Step => (step.role === 'person' ? { ...step, ...shown, at } : step);
