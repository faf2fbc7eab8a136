import type { Chat } from '../../domain/chat/chat.ts';
import type { ConversationEntry, ConversationStep } from '../../domain/conversation/conversation.ts';
import { makeUniqueNames, nameOf, nameWithoutId } from '../../domain/conversation/speakers.ts';
import type { InboxMessage } from '../../domain/message/inbox-message.ts';
import type { Sender } from '../../domain/message/message.ts';
import { present } from '../../domain/shared/present.ts';
import { UNKNOWN } from '../../domain/trust/labels.ts';
import { provenanceOfMessage, type Roles } from '../../domain/trust/speaker.ts';
import type { MessageStore } from '../../ports/storage/message-store.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import { asEntry } from './as-entry.ts';

type PersonStep = Extract<ConversationStep, { role: 'person' }>;
type NamedConversation = { readonly before: readonly ConversationStep[]; readonly asked: readonly PersonStep[] };

/** What was said, and who sent it, where that is known. */
interface Said<Step extends ConversationStep = ConversationStep> {
  readonly step: Step;
  readonly at: number;
  readonly sender?: Sender | undefined;
}

/**
 * What was said in a chat, and what is asked now, as a model is shown it: when it was said, and by whom. In a group
 * people have names that tell them apart: who sent a message is what the inbox says, and not the name that they had
 * chosen. In a direct conversation all that is said is one person's, whatever they called themselves.
 */
export const makeNamedConversation =
  ({ messages }: Pick<Stores, 'messages'>, policy: Roles) =>
  async (history: readonly ConversationEntry[], records: readonly [InboxMessage, ...InboxMessage[]]): Promise<NamedConversation> => {
    const asked = records.map(({ message }): Said<PersonStep> => ({ ...asEntry(message, { policy }), sender: message.sender }));
    const [{ message: first }] = records;
    const { chat } = first;
    if (chat.kind === 'direct') {
      const { sender } = (records.at(-1) ?? records[0]).message;
      const name = nameOf(sender);
      const before = history.map((said) => shown(labelled({ ...said, sender }, chat, policy), { name }));
      return { before, asked: asked.map((said) => shown(said, { name })) };
    }
    const before = (await withSenders(messages, history)).map((said) => labelled(said, chat, policy));
    const uniqueName = makeUniqueNames([...before, ...asked].flatMap((said) => speakerOf(said) ?? []));
    const named = <Step extends ConversationStep>(said: Said<Step>): Step => {
      const speaker = speakerOf(said);
      const name = speaker ? uniqueName(speaker) : said.step.role === 'person' ? nameWithoutId(said.step.name) : '';
      return shown(said, { name, inGroup: true });
    };
    return { before: before.map(named), asked: asked.map(named) };
  };

/**
 * Numbers count in the chat of what was said: that may have moved, and what is asked may have come to the one before.
 */
const withSenders = async (messages: Pick<MessageStore, 'senders'>, history: readonly ConversationEntry[]): Promise<readonly Said[]> => {
  const [first] = history;
  const numbers = history.flatMap(({ step }) => (step.role === 'person' && step.messageId !== undefined ? [step.messageId] : []));
  const senders = first && numbers.length > 0 ? await messages.senders(first.chatId, numbers) : undefined;
  return history.map(({ step, at }) => ({
    step,
    at,
    sender: step.role === 'person' && step.messageId !== undefined ? senders?.get(step.messageId) : undefined,
  }));
};

/** What was stored before labels were gets that of its sender, where that is known; what it quotes is unknown. */
const labelled = (said: Said, chat: Chat, policy: Roles): Said => {
  const { step, sender } = said;
  if (step.role !== 'person' || step.provenance || step.note) return said;
  const replied = step.replied && { provenance: UNKNOWN, ...step.replied };
  const provenance = sender ? provenanceOfMessage(policy, { chat, sender }) : UNKNOWN;
  return { ...said, step: { ...step, provenance, ...present({ replied }) } };
};

const speakerOf = ({ step, sender }: Said) => (step.role === 'person' && sender ? { ...sender, name: step.name } : undefined);

const shown = <Step extends ConversationStep>(
  { step, at }: Pick<Said<Step>, 'step' | 'at'>,
  as: { readonly name: string; readonly inGroup?: true },
): Step => (step.role === 'person' ? { ...step, ...as, at } : step);
