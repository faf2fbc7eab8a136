import { decideAccess } from '../../domain/message/access.ts';
import type { IncomingMessage } from '../../domain/message/message.ts';
import { immediateVerdict, type MessageRecord } from '../../domain/message/record.ts';
import { decideResponse } from '../../domain/message/response.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Redact } from '../../ports/redact.ts';
import type { UnitOfWork } from '../../ports/unit-of-work.ts';
import type { Presence } from '../presence/presence.ts';

export type ReceiveMessage = (message: IncomingMessage) => Promise<MessageRecord>;

/**
 * Takes a message in, once: decides access and response, and stores it with its verdict. A repeat changes nothing and resolves
 * to what the first one became. When it resolves, the message is durable; until then its gateway keeps it.
 */
export const makeReceiveMessage =
  (deps: {
    readonly unitOfWork: UnitOfWork;
    readonly policy: AccessPolicy;
    readonly clock: Clock;
    readonly randomness: Randomness;
    readonly logger: Logger;
    readonly redact: Redact;
    readonly presence: Pick<Presence, 'acknowledge'>;
    readonly isOutstandingPing: (message: IncomingMessage) => boolean;
  }): ReceiveMessage =>
  async (received) => {
    const access = decideAccess(deps.policy, received, { isOutstandingPing: deps.isOutstandingPing(received) });
    // What strangers write is not kept: it could fill the disk, and nobody may read it.
    const message = { ...received, text: access.allowed ? deps.redact(received.text) : '' };
    const response = access.allowed ? decideResponse(deps.policy, message) : undefined;
    const verdict = immediateVerdict(access, response);
    const record: MessageRecord = {
      message,
      receivedAt: deps.clock.now(),
      replyRandomId: deps.randomness.randomId(),
      access,
      ...(response ? { response } : {}),
      ...(verdict ? { verdict } : {}),
    };
    const earlier = await deps.unitOfWork.run(async ({ messages, conversations }) => {
      if (!(await messages.add(record))) return messages.get(message.chatId, message.messageId);
      if (verdict?.kind === 'remembered') await conversations.append([asEntry(message)]);
      return undefined;
    });
    const facts = { chatId: message.chatId, messageId: message.messageId, rule: response?.rule ?? access.rule, path: access.path };
    if (earlier) deps.logger.debug(facts, 'message received again, and dropped');
    else if (!access.allowed) deps.logger.warn({ ...facts, senderId: message.sender.id }, 'message denied');
    else deps.logger.info(facts, verdict ? `message ${verdict.kind}` : 'message received, to be answered');
    if (!earlier && !verdict) deps.presence.acknowledge(message);
    return earlier ?? record;
  };

/** A message as a step of its chat's conversation. */
export const asEntry = (message: IncomingMessage) => ({
  chatId: message.chatId,
  at: message.sentAt,
  step: {
    role: 'person' as const,
    name: message.sender.displayName ?? message.sender.username ?? String(message.sender.id),
    text: message.text,
    messageId: message.messageId,
  },
});
