import { type ConversationEntry, saidIn } from '../../domain/conversation/conversation.ts';
import { makeUniqueNames, nameWithoutId } from '../../domain/conversation/speakers.ts';
import { wordQuery } from '../../domain/conversation/words.ts';
import { present } from '../../domain/shared/present.ts';
import { provenanceOfStored } from '../../domain/trust/shown.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import type { Said, SearchHistory } from '../../ports/use-cases/recall.ts';

/** The most entries that one search finds. */
const MAX_FOUND = 20;

/** Who said something is what the inbox says, and not the name that somebody has chosen. */
export const makeSearchHistory = ({
  conversations,
  messages,
}: {
  readonly conversations: Pick<Stores['conversations'], 'search'>;
  readonly messages: Pick<Stores['messages'], 'senders'>;
}): SearchHistory => {
  const named = async (found: readonly ConversationEntry[], { chatId, chatKind }: Parameters<SearchHistory>[1]): Promise<Said[]> => {
    const said = found.map((entry) => ({ ...inWords(entry), at: entry.at }));
    // All that is said in a direct conversation is one person's.
    if (chatKind === 'direct') return said;
    const senders = await messages.senders(
      chatId,
      said.flatMap(({ messageId }) => messageId ?? []),
    );
    const speakers = said.toReversed().flatMap(({ by, messageId }) => {
      const sender = messageId && senders.get(messageId);
      return by !== undefined && sender ? [{ ...sender, name: by }] : [];
    });
    const uniqueName = makeUniqueNames(speakers);
    return said.map((one) => {
      const sender = one.messageId && senders.get(one.messageId);
      if (one.by === undefined) return one;
      return { ...one, by: sender ? uniqueName({ ...sender, name: one.by }) : nameWithoutId(one.by) };
    });
  };
  return async (text, context) => {
    const query = wordQuery(text);
    const found = await conversations.search(context.chatId, query, MAX_FOUND + 1);
    return { query, items: await named(found.slice(0, MAX_FOUND), context), isMore: found.length > MAX_FOUND };
  };
};

const inWords = ({ step }: ConversationEntry): Omit<Said, 'at'> => ({
  text: saidIn(step),
  provenance: provenanceOfStored(step),
  ...(step.role === 'person' ? { by: step.name, ...present({ messageId: step.messageId }) } : {}),
});
