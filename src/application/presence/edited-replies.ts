import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import type { ChatGateway } from '../../ports/chat-gateway.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError, reasonOf } from '../../ports/port-error.ts';
import type { KeyValueState } from '../../ports/storage/key-value-state.ts';
import type { SendLimiter } from '../outbox/send-limiter.ts';

/** A reply that acknowledged promises, as it was sent. */
export interface Acknowledgement {
  readonly gateway: ChatGateway;
  readonly chatId: ChatId;
  readonly messageId: MessageId;
  readonly text: string;
}

/** The shortest time between two edits in one chat. */
const CHAT_INTERVAL_MS = 4_000;
/** A longer acknowledgement is not edited: with more lines, it might need a second message. */
const MAX_LENGTH = 3_000;
const PREFIX = 'progress:';

export const replyKey = ({ chatId, messageId }: Pick<Acknowledgement, 'chatId' | 'messageId'>): string => `${PREFIX}${chatId}/${messageId}`;

/** Both ids may hold slashes. Only the name of its gateway stands before the last colon of a message's id. */
const placeIn = (key: string): Pick<Acknowledgement, 'chatId' | 'messageId'> => {
  const place = key.slice(PREFIX.length);
  const end = place.lastIndexOf('/', place.lastIndexOf(':'));
  return { chatId: place.slice(0, end) as ChatId, messageId: place.slice(end + 1) as MessageId };
};

/** What is known of one acknowledgement while lines stand below it. */
interface EditedReply {
  readonly ack: Acknowledgement;
  /** What it says now; absent while that is unknown. */
  readonly text?: string;
}

/**
 * Edits acknowledgements: shows lines below them, and takes the lines away again. Which replies are edited is kept in
 * the state of their gateway, so that the next process can restore them.
 */
export const makeEditedReplies = (deps: {
  readonly gateways: readonly ChatGateway[];
  readonly state: (owner: string) => KeyValueState;
  readonly limiter: SendLimiter;
  readonly clock: Clock;
  readonly events: Events;
}) => {
  const { gateways, limiter, clock, events } = deps;
  const edited = new Map<string, EditedReply>();
  const underWay = new Set<string>();
  const uneditable = new Set<string>();
  const loaded = new Set<string>();
  const quietUntil = new Map<ChatId, number>();
  const stateOf = ({ name }: ChatGateway): KeyValueState => deps.state(`progress:${name}`);

  /** Does not reject. */
  const edit = async (ack: Acknowledgement, lines: readonly string[]): Promise<void> => {
    const { gateway, chatId, messageId } = ack;
    const key = replyKey(ack);
    underWay.add(key);
    try {
      await show(ack, lines).catch(async (error: unknown) => {
        events.emit({ type: 'progress-not-shown', gateway: gateway.name, chatId, messageId, reason: reasonOf(error) });
        if ((await limiter.recordRateLimit(gateway, 'progress', chatId, error)) || (isPortError(error) && error.retryable)) return;
        uneditable.add(key);
        await forget(ack);
      });
    } catch (error) {
      events.emit({ type: 'progress-not-shown', gateway: gateway.name, chatId, reason: reasonOf(error) });
    } finally {
      underWay.delete(key);
    }
  };

  const show = async (ack: Acknowledgement, lines: readonly string[]): Promise<void> => {
    const { gateway, chatId, messageId } = ack;
    const key = replyKey(ack);
    const text = lines.length === 0 ? ack.text : `${ack.text}\n\n${lines.join('\n')}`;
    if (edited.get(key)?.text === text || quietUntil.has(chatId)) return;
    quietUntil.set(chatId, clock.now() + CHAT_INTERVAL_MS);
    if ((await limiter.tryAcquire(gateway, 'progress', chatId)) !== undefined) {
      quietUntil.delete(chatId);
      return;
    }
    // Stored before the edit: the next process must know what the reply said.
    if (!edited.has(key)) await stateOf(gateway).set(new Map([[key, ack.text]]));
    edited.set(key, { ack });
    const isDone = await gateway.edit?.(chatId, messageId, text);
    if (!isDone) uneditable.add(key);
    if (!isDone || lines.length === 0) await forget(ack);
    else edited.set(key, { ack, text });
  };

  const forget = async (ack: Acknowledgement): Promise<void> => {
    await stateOf(ack.gateway).set(new Map([[replyKey(ack), undefined]]));
    edited.delete(replyKey(ack));
  };

  return {
    /** Takes up the replies that an earlier process has edited. */
    async load(): Promise<void> {
      for (const gateway of gateways) {
        if (loaded.has(gateway.name)) continue;
        for (const [key, text] of await stateOf(gateway).list(PREFIX)) {
          edited.set(key, { ack: { gateway, ...placeIn(key), text } });
        }
        loaded.add(gateway.name);
      }
    },
    canEdit: (ack: Acknowledgement): boolean =>
      ack.gateway.edit !== undefined && ack.text.length <= MAX_LENGTH && !uneditable.has(replyKey(ack)),
    /**
     * Shows these lines below these replies, and no lines below all others. Waits for no edit: one that takes long must
     * not hold up other chats.
     */
    show(wanted: ReadonlyMap<string, { readonly ack: Acknowledgement; readonly lines: readonly string[] }>): void {
      const now = clock.now();
      for (const [chatId, until] of quietUntil) if (until <= now) quietUntil.delete(chatId);
      const restored = [...edited].filter(([key]) => !wanted.has(key)).map(([, { ack }]) => ({ ack, lines: [] }));
      for (const { ack, lines } of [...restored, ...wanted.values()]) if (!underWay.has(replyKey(ack))) void edit(ack, lines);
    },
    /** Forgets replies that are not those of running promises any more. */
    keepOnly(current: ReadonlySet<string>): void {
      for (const key of uneditable) if (!current.has(key)) uneditable.delete(key);
    },
  };
};
