import { whyInWords } from '../../domain/audit/why.ts';
import { isLocalChat, type MessageId, namedMessage } from '../../domain/chat/ids.ts';
import { originOf } from '../../domain/message/access.ts';
import type { InboxMessage } from '../../domain/message/inbox-message.ts';
import { decideRight } from '../../domain/rights/decide-right.ts';
import { InvalidValueError } from '../../domain/shared/brand.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import { readWhy, type WhyStores } from '../audit/read-why.ts';

const REPLY = 'Reply with /why to one of my messages, and I tell what led to it.';
const NAME = 'Write /why and the number of one of my messages, as /why 12, and I tell what led to it.';

/**
 * `/why`, as a reply to a message of the agent: what led to it. A chat at this machine has no replies, and names the
 * message by its number. Only what belongs to that chat is told.
 */
export const makeWhy =
  ({
    stores,
    policy,
    timeZone = 'UTC',
  }: {
    readonly stores: WhyStores & Pick<Stores, 'outbox'>;
    readonly policy: AccessPolicy;
    readonly timeZone?: string;
  }) =>
  async (argument: string, { message }: InboxMessage): Promise<string> => {
    const { id: chatId } = message.chat;
    const asked = message.replyTo ?? named(argument, message);
    const how = isLocalChat(chatId) ? NAME : REPLY;
    if (asked === undefined) return how;
    const reply = await stores.outbox.sentAs(chatId, asked);
    if (!reply) {
      const isKnown = (await stores.messages.get(chatId, asked)) !== undefined;
      return isKnown ? `That message is not mine. ${how}` : `I know nothing of that message: it is not mine, or too old. ${how}`;
    }
    const seesCost = decideRight(policy, originOf(message), 'see-usage', { senderKind: message.sender.kind }).allowed;
    const nameOf = (id: InboxMessage['message']['sender']['id']): string | undefined => policy.people?.get(id)?.name || undefined;
    return whyInWords(await readWhy(stores, reply), { timeZone, seesCost, nameOf }).join('\n');
  };

const named = (argument: string, { chat }: InboxMessage['message']): MessageId | undefined => {
  if (argument === '') return undefined;
  try {
    return namedMessage(argument, chat.id);
  } catch (error) {
    if (error instanceof InvalidValueError) return undefined;
    throw error;
  }
};
