import type { ChatId } from '../domain/chat/ids.ts';
import type { IncomingMessage } from '../domain/message/message.ts';
import type { AccessPolicy } from '../domain/workspace/policy.ts';
import type { ChatGateway } from '../ports/chat-gateway.ts';
import { makeApprovals } from './approvals/approvals.ts';
import { makeDecideByTap } from './approvals/tapped.ts';
import type { MovedChats } from './chats/moved-chats.ts';
import { makeDeliverInbound } from './inbox/deliver-inbound.ts';
import { makeEraseMessages } from './inbox/erase-messages.ts';
import { makeFetchAttachments } from './inbox/fetch-attachments.ts';
import { makeFollowMove } from './inbox/follow-move.ts';
import { makePersonRates } from './inbox/person-rates.ts';
import { makeReceiveMessage, type ReceiveMessage } from './inbox/receive-message.ts';
import type { RunningTurns } from './inbox/running-turns.ts';
import type { PairedPeople } from './pairing/paired-people.ts';
import type { CoreParts } from './parts.ts';
import type { Presence } from './presence/presence.ts';
import type { ScopedCorrelation } from './telemetry/work-scopes.ts';

type InboxParts = Pick<CoreParts, 'storage' | 'clock' | 'randomness' | 'redact' | 'events' | 'policy' | 'personMessagesPerMinute'> & {
  readonly correlation: ScopedCorrelation;
  readonly gateways: readonly ChatGateway[];
  readonly isOutstandingPing?: (message: IncomingMessage) => boolean;
};

/** What several paths of the bot share. */
export interface Shared {
  readonly moved: MovedChats;
  readonly policy: AccessPolicy;
  readonly presence: Presence;
  readonly turns: RunningTurns;
}

/** The path of incoming messages. */
export const makeInbox = (
  {
    storage: { stores, unitOfWork },
    clock,
    randomness,
    redact,
    events,
    correlation,
    gateways,
    policy: configured,
    isOutstandingPing = () => false,
    personMessagesPerMinute,
  }: InboxParts,
  {
    moved,
    paired,
    policy,
    presence,
    turns,
    onComplete,
  }: Shared & {
    readonly paired: PairedPeople;
    readonly onComplete: (chatId: ChatId) => void;
  },
) => {
  const attachments = makeFetchAttachments({ stores, unitOfWork, gateways, policy, clock, redact, correlation, events, onComplete });
  const receive = makeReceiveMessage({
    unitOfWork,
    policy,
    clock,
    randomness,
    redact,
    events,
    attachments,
    presence,
    turns,
    isOutstandingPing,
    paired,
    rates: personMessagesPerMinute === undefined ? undefined : makePersonRates(personMessagesPerMinute, policy),
  });
  const erase = makeEraseMessages({ unitOfWork, clock, events, turns, presence });
  const followMove = makeFollowMove({ unitOfWork, clock, events, policy: configured, moved, turns });
  const approvals = makeApprovals({ stores, unitOfWork, policy, clock, randomness, events });
  const tapped = makeDecideByTap({ approvals, outbox: stores.outbox, policy });
  const inbound = makeDeliverInbound({ receive, erase, followMove, tapped, clock, correlation, events });
  /** For a program that hands over messages by itself. */
  const receiveInScope: ReceiveMessage = (message) => correlation.run(correlation.scopes.receive(message), () => receive(message));
  return { attachments, receive: receiveInScope, erase, followMove, inbound };
};
