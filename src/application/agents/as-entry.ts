import type { ConversationEntry, ConversationStep } from '../../domain/conversation/conversation.ts';
import { nameOf } from '../../domain/conversation/speakers.ts';
import { type IncomingMessage, saidAt } from '../../domain/message/message.ts';
import { present } from '../../domain/shared/present.ts';
import { provenanceOfMessage, type Roles } from '../../domain/trust/speaker.ts';

/**
 * A message as a step of its chat's conversation: asked of the agent, or said in its hearing. Without a policy, it is
 * not known whose words they are.
 */
export const asEntry = (
  message: IncomingMessage,
  { overheard = false, policy }: { readonly overheard?: boolean; readonly policy?: Roles } = {},
): ConversationEntry & { readonly step: Extract<ConversationStep, { role: 'person' }> } => ({
  chatId: message.chat.id,
  at: saidAt(message),
  step: {
    role: 'person',
    name: nameOf(message.sender),
    text: message.text,
    messageId: message.messageId,
    ...present({ replied: message.replied }),
    ...(overheard ? { overheard } : {}),
    ...present({ provenance: policy && provenanceOfMessage(policy, message) }),
  },
});
