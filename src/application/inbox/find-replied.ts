import { makeUniqueNames, nameOf, plainName } from '../../domain/conversation/speakers.ts';
import type { InboxMessage } from '../../domain/message/inbox-message.ts';
import type { IncomingMessage, Sender } from '../../domain/message/message.ts';
import { MAX_REPLIED_LENGTH, type RepliedMessage } from '../../domain/message/replied.ts';
import { present } from '../../domain/shared/present.ts';
import { provenanceOfMessage, type Roles } from '../../domain/trust/speaker.ts';
import type { ChatGateway, ReadMessage } from '../../ports/chat-gateway.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import { within } from '../loops/timers.ts';
import { gatewayFor } from '../outbox/gateway-for.ts';
import { redactBeginning } from '../tools/redact-beginning.ts';

/** How long a turn waits for a gateway to read a replied-to message. */
const PATIENCE_MS = 5_000;

/** Adds to messages what is known about the messages that they reply to. Rejects when the storage does. */
export type WithReplied = <Records extends readonly InboxMessage[]>(records: Records) => Promise<Records>;

/**
 * Looks up replied-to messages in the inbox, in the outbox, and then through the gateway. If the gateway does not
 * answer in time, the turn goes on, and the model is told that the message can't be seen.
 */
export const makeWithReplied = (deps: {
  readonly stores: Pick<Stores, 'messages' | 'outbox'>;
  readonly gateways: readonly ChatGateway[];
  readonly policy: Roles;
  readonly clock: Clock;
  readonly events: Events;
  readonly redact: Redact;
}): WithReplied => {
  const fetched = async ({ chat: { id: chatId }, messageId }: IncomingMessage): Promise<ReadMessage | undefined> => {
    const gateway = gatewayFor(deps.gateways, chatId);
    if (!gateway?.readReplied) return undefined;
    try {
      return await within(deps.clock, PATIENCE_MS, gateway.readReplied(chatId, messageId), () => undefined);
    } catch (error) {
      deps.events.emit({ type: 'replied-message-unread', chatId, messageId, reason: reasonOf(error) });
      return undefined;
    }
  };

  const find = async (message: IncomingMessage): Promise<RepliedMessage | undefined> => {
    const stored = await storedReply(deps.stores, message, deps.policy);
    const read = stored?.messageId !== undefined && stored.text === undefined ? await fetched(message) : undefined;
    const found = read
      ? {
          ...stored,
          ...(read.sender.kind === 'self' ? OURS : { from: labelOf(message, read.sender) }),
          text: read.text,
          provenance: provenanceOfMessage(deps.policy, { chat: message.chat, sender: read.sender }),
        }
      : stored;
    return found && bounded(found, deps.redact, MAX_REPLIED_LENGTH);
  };

  return async (records) => {
    const found = await Promise.all(
      records.map(async (record) => {
        const replied = await find(record.message);
        return replied ? { ...record, message: { ...record.message, replied } } : record;
      }),
    );
    return found as unknown as typeof records;
  };
};

const OURS = { isOurs: true } as const;

/** What the storage knows about the replied-to message. Undefined if the message is no reply. */
export const storedReply = async (
  { messages, outbox }: Pick<Stores, 'messages' | 'outbox'>,
  message: IncomingMessage,
  policy: Roles,
): Promise<RepliedMessage | undefined> => {
  const {
    chat: { id: chatId },
    replyTo: messageId,
    replied,
  } = message;
  // The gateway gives the sender's display name as it is.
  if (messageId === undefined) return replied && { ...replied, ...present({ from: replied.from && plainName(replied.from) }) };
  const known = { messageId, ...present({ quote: replied?.quote }) };
  const record = await messages.get(chatId, messageId);
  if (record) {
    const from = labelOf(message, record.message.sender);
    const text = record.message.text === '' ? undefined : record.message.text;
    return { ...known, from, ...present({ text }), provenance: provenanceOfMessage(policy, record.message) };
  }
  const [album] = await messages.withIds([messageId], chatId);
  const part = album?.message.parts?.find((each) => each.messageId === messageId);
  if (album && part) {
    const from = labelOf(message, album.message.sender);
    return { ...known, from, ...present({ text: part.text || undefined }), provenance: provenanceOfMessage(policy, album.message) };
  }
  const own = await outbox.sentAs(chatId, messageId);
  return own ? { ...known, ...OURS, text: own.text, ...present({ provenance: own.provenance }) } : known;
};

/** The replied-to message, redacted and cut. */
export const bounded = (replied: RepliedMessage, redact: Redact, length: number): RepliedMessage => {
  const told = (text: string | undefined): string | undefined => text && redactBeginning(redact, text, length);
  return { ...replied, ...present({ text: told(replied.text), quote: told(replied.quote) }) };
};

/** The name by which a model sees the sender of a message of that chat. */
const labelOf = ({ chat: { kind: chatKind } }: IncomingMessage, sender: Sender): string => {
  const person = { ...sender, name: nameOf(sender) };
  return chatKind === 'group' ? makeUniqueNames([person])(person) : person.name;
};
