import { commandOf } from '../../domain/message/command.ts';
import { type InboxMessage, immediateVerdict } from '../../domain/message/inbox-message.ts';
import type { IncomingMessage } from '../../domain/message/message.ts';
import type { OverRate } from '../../domain/message/rate.ts';
import { MAX_OVERHEARD_REPLIED_LENGTH, MAX_REPLIED_LENGTH } from '../../domain/message/replied.ts';
import { replyKeyOf } from '../../domain/message/reply-key.ts';
import { decideResponse, decideResponseToEdit, type ResponseDecision } from '../../domain/message/response.ts';
import type { Pairing } from '../../domain/pairing/pairing.ts';
import { mayStop } from '../../domain/rights/decide-right.ts';
import { present } from '../../domain/shared/present.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Redact } from '../../ports/redact.ts';
import type { MessageStore } from '../../ports/storage/message-store.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { asEntry } from '../agents/as-entry.ts';
import { makeAuditedDenials } from '../audit/denials.ts';
import { offerPairing } from '../pairing/offer-pairing.ts';
import type { PairedPeople } from '../pairing/paired-people.ts';
import type { Presence } from '../presence/presence.ts';
import { keepLinks, linksIn } from '../recall/links.ts';
import { makeDecideAtArrival } from './decide-at-arrival.ts';
import type { FetchAttachments } from './fetch-attachments.ts';
import { bounded, storedReply } from './find-replied.ts';
import { overRateDraft, type PersonRates } from './person-rates.ts';
import { type Revised, reviseMessage } from './revise-message.ts';
import type { RunningTurns } from './running-turns.ts';
import { withoutHeardParts } from './without-heard-parts.ts';

export type ReceiveMessage = (message: IncomingMessage) => Promise<InboxMessage>;

interface Received {
  readonly record: InboxMessage;
  readonly as: 'new' | Revised;
  /** How many links it has saved. Default: none. */
  readonly links?: number;
  /** Whether the audit log tells of its denial. */
  readonly hasFact?: boolean;
  /** Its sender was offered to the owners. */
  readonly offered?: Pairing;
  /** It is one more than is answered. */
  readonly over?: OverRate;
}

const isRevised = (as: Received['as']): boolean => as === 'revised' || as === 'reopened' || as === 'corrected';

/**
 * Receives a message once: decides access and response, and stores the message with its verdict. When it resolves, the
 * message is durable; until then its gateway keeps it.
 *
 * A repeat changes nothing, and resolves to the stored message. An edit by the sender replaces the text: a message that
 * waits is answered with its new text, a message that asks something only now is answered, and a given answer stays. A
 * `/stop` ends the running turn of its chat at once.
 */
export const makeReceiveMessage = (deps: {
  readonly unitOfWork: UnitOfWork;
  readonly policy: AccessPolicy;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly events: Events;
  readonly redact: Redact;
  readonly presence: Pick<Presence, 'acknowledge'>;
  readonly turns: Pick<RunningTurns, 'stop' | 'restart'>;
  readonly attachments: Pick<FetchAttachments, 'add'>;
  readonly isOutstandingPing: (message: IncomingMessage) => boolean;
  /** How often each person is answered. Absent: without a bound. */
  readonly rates?: PersonRates | undefined;
  /** Who was let in beside those whom the configuration names. Absent: nobody. */
  readonly paired?: Pick<PairedPeople, 'learn'> | undefined;
}): ReceiveMessage => {
  const { events } = deps;
  const denials = makeAuditedDenials();

  const decide = makeDecideAtArrival(deps);

  const store = (original: IncomingMessage, edited: IncomingMessage['edited']): Promise<Received> =>
    deps.unitOfWork.run(async (stores) => {
      const { messages, conversations, outbox, links, audit } = stores;
      const unheard = edited === undefined ? await withoutHeardParts(messages, original) : original;
      if ('receivedAt' in unheard) return { record: unheard, as: 'repeat' };
      const received = await withoutDeleted(messages, redacted(unheard, deps.redact));
      const access = await decide(stores, unheard);
      // The texts of strangers are not stored: they could fill the disk, and nobody may read them.
      const message = access.allowed ? received : withoutWords(received);
      const wanted = access.allowed ? decideResponse(deps.policy, message) : undefined;
      const hadPlace = deps.rates?.has(message) ?? false;
      const over = wanted?.action === 'answer' ? deps.rates?.take(message) : undefined;
      const decided: ResponseDecision | undefined = over ? { action: 'remember', rule: 'over-rate' } : wanted;
      const response = decided && decideResponseToEdit(decided, edited);
      const verdict = immediateVerdict(access, response);
      const record: InboxMessage = {
        message,
        receivedAt: deps.clock.now(),
        replyKey: replyKeyOf(message),
        access,
        ...(response ? { response } : {}),
        ...(verdict ? { verdict } : {}),
      };
      const {
        chat: { id: chatId },
        messageId,
      } = message;
      if (await messages.add(record)) {
        const denied = access.allowed ? undefined : denials.factOf(message, access, record.receivedAt);
        if (denied) await audit.add([denied]);
        const offered = await offerPairing(stores, message, access, {
          policy: deps.policy,
          randomness: deps.randomness,
          at: record.receivedAt,
        });
        if (over) await outbox.add(overRateDraft(message, over, { deliveryKey: deps.randomness.id(), at: record.receivedAt }));
        const saved = access.allowed ? linksIn(message, deps.policy, record.receivedAt) : [];
        if (saved.length > 0) await links.save(saved);
        if (verdict?.kind === 'remembered') {
          const found = await storedReply({ messages, outbox }, message, deps.policy);
          const replied = found && bounded(found, deps.redact, MAX_OVERHEARD_REPLIED_LENGTH);
          await conversations.append([asEntry({ ...message, ...present({ replied }) }, { overheard: true, policy: deps.policy })]);
        }
        return { record, as: 'new', links: saved.length, hasFact: denied !== undefined, ...present({ offered, over }) };
      }
      const first = await messages.get(chatId, messageId);
      if (!first || edited === undefined) {
        if (!hadPlace) deps.rates?.release(message);
        return { record: first ?? record, as: 'repeat' };
      }
      const edit = { message: { ...received, ...present({ edited }) }, decided, at: deps.clock.now() };
      const as = await reviseMessage({ messages, conversations }, first, edit);
      const now = (await messages.get(chatId, messageId)) ?? first;
      const kept = isRevised(as) ? await keepLinks(links, now.message, { policy: deps.policy, at: edit.at }) : [];
      return { record: now, as, links: kept.length };
    });

  // Where files are is not for a gateway to say before they are fetched.
  return async ({ edited, files: _, touchedAt, ...said }) => {
    const message = asFirstSeen(said, edited === undefined ? touchedAt : (touchedAt ?? deps.clock.now()));
    const received = await store(message, edited);
    const { record, as, hasFact = false } = received;
    if (as === 'new' && !record.access.allowed) denials.stored(record.message, record.access, record.receivedAt, hasFact);
    tell(events, received, edited);
    const { links: count = 0 } = received;
    if (count > 0) events.emit({ type: 'link-saved', chatId: message.chat.id, messageId: message.messageId, by: 'message', count });
    const isEdited = isRevised(received.as);
    if (isEdited) deps.turns.restart({ chat: message.chat.id, messageIds: [message.messageId] });
    if (received.record.message.attachments) deps.attachments.add(received.record);
    if ((received.as === 'new' || received.as === 'reopened') && !received.record.verdict) {
      deps.presence.acknowledge(received.record.message);
    }
    const isAsked = (received.as === 'new' || isEdited) && !received.record.verdict;
    const now = received.record.message;
    if (isAsked && commandOf(now.text)?.name === 'stop') deps.turns.stop(message.chat.id, (askedBy) => mayStop(deps.policy, now, askedBy));
    return received.record;
  };
};

/**
 * A decision on an approval counts in words that were never changed: of a message that is changed when it is first
 * seen, nobody can tell, whatever the platform shows of it.
 */
const asFirstSeen = (message: IncomingMessage, touchedAt: number | undefined): IncomingMessage => {
  const name = commandOf(message.text)?.name;
  const decides = name === 'approve' || name === 'deny';
  return decides && touchedAt !== undefined ? { editedAt: touchedAt, ...message } : message;
};

/** What became of it, as events. */
const tell = (
  events: Events,
  { record: { message, access, response, verdict }, as, offered, over }: Received,
  edited: IncomingMessage['edited'],
): void => {
  const { chat, messageId, sender } = message;
  const about = { chatId: chat.id, messageId };
  const denied = { ...about, senderId: sender.id, path: access.path, at: 'arrival' as const };
  if (as === 'edited-by-another') events.emit({ type: 'message-denied', ...denied, rule: as });
  else if (as === 'repeat') events.emit({ type: 'message-repeated', ...about, isEdit: edited !== undefined });
  else if (as !== 'new') events.emit({ type: 'message-edited', ...about, effect: as === 'revised' ? 'waiting' : as });
  else if (!access.allowed)
    events.emit({
      type: 'message-denied',
      ...denied,
      rule: access.rule,
      ...present({ username: access.rule === 'username-pinned-elsewhere' ? sender.username : undefined }),
    });
  else
    events.emit({
      type: 'message-received',
      ...about,
      rule: response?.rule ?? access.rule,
      path: access.path,
      ...present({ verdict: verdict?.kind }),
    });
  if (offered) events.emit({ type: 'pairing-offered', chatId: offered.chatId, userId: offered.userId });
  if (over) events.emit({ type: 'person-over-rate', ...about, senderId: sender.id, perMinute: over.perMinute });
};

const redacted = (message: IncomingMessage, redact: Redact): IncomingMessage => ({
  ...message,
  text: redact(message.text),
  sender: { ...message.sender, ...present({ displayName: message.sender.displayName && redact(message.sender.displayName) }) },
  ...present({
    parts: message.parts?.map((part) => ({ ...part, text: redact(part.text) })),
    replied: message.replied && bounded(message.replied, redact, MAX_REPLIED_LENGTH),
  }),
});

/** The message without its quote if the quoted message was deleted. */
const withoutDeleted = async (messages: Pick<MessageStore, 'get'>, message: IncomingMessage): Promise<IncomingMessage> => {
  const { replied, ...rest } = message;
  if (!replied || rest.replyTo === undefined) return message;
  return (await messages.get(rest.chat.id, rest.replyTo))?.deletedAt === undefined ? message : rest;
};

const withoutWords = ({ parts: _, replied: __, attachments: ___, files: ____, ...message }: IncomingMessage): IncomingMessage => ({
  ...message,
  text: '',
});
