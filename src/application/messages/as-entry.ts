import type { ConversationEntry, ConversationStep } from '../../domain/conversation/conversation.ts';
import { nameOf } from '../../domain/conversation/speakers.ts';
import type { IncomingMessage } from '../../domain/message/message.ts';
import { present } from '../../domain/shared/present.ts';

/** A message as a step of its chat's conversation: asked of the agent, or said in its hearing. */
export const asEntry = (
  { chatId, messageId, sender, sentAt, text, replied }: IncomingMessage,
  { overheard = false }: { readonly overheard?: boolean } = {},
): ConversationEntry & { readonly step: Extract<ConversationStep, { role: 'person' }> } => ({
  chatId,
  at: sentAt,
  step: {
    role: 'person',
    name: nameOf(sender),
    text,
    messageId,
    ...present({ replied }),
    ...(overheard ? { overheard } : {}),
  },
});
