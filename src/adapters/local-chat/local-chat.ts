import {
  AGENT_ID,
  type ChatId,
  err,
  type IncomingMessage,
  isLocalChat,
  MAX_MESSAGE_LENGTH,
  type MessageId,
  OPERATOR_ID,
  ok,
  pingText,
  type Refusal,
  type Result,
  SELF_PING_CHAT,
  type Sender,
} from '../../domain/index.ts';
import { requireNode } from '../../domain/shared/node-version.ts';
import { present } from '../../domain/shared/present.ts';
import {
  type ChangeFeed,
  type ChatGateway,
  type Clock,
  type Events,
  type LocalTranscript,
  noticesOf,
  type OutgoingMessage,
  PortError,
  type Randomness,
  silentEvents,
  type TranscriptMessage,
} from '../../ports/index.ts';
import { makeDrafts } from './drafts.ts';
import { makeHandOver } from './hand-over.ts';
import { type LocalChatEvent, makeSubscriptions } from './subscriptions.ts';

/** Why a message was refused. Nothing of it was stored. */
export type PostRefusal = Refusal<'message/empty' | 'message/too-long' | 'chat/not-local'>;

/** The chats of the people at this machine: terminal, web page and HTTP API. */
export interface LocalChat extends ChatGateway {
  /**
   * Stores an operator's message, and hands it over where this process has started the chat. Resolves once it is
   * durable: should the hand-over fail, or another process be the one that answers, the message waits in the transcript
   * and is handed over from there. `once` names the message: a second one of this name in the chat is not stored.
   */
  post(chatId: ChatId, text: string, once?: string): Promise<Result<TranscriptMessage, PostRefusal>>;
  /**
   * Messages with a higher sequence than `after`, lowest first, at most `limit`; without `after`, the newest `limit`.
   */
  list(chatId: ChatId, after: number | undefined, limit: number, before?: number): Promise<readonly TranscriptMessage[]>;
  /**
   * Shows every message with a higher sequence than `after` once, in order, whichever process stored it; without
   * `after`, those that come from now on. Drafts are this process's own; one that was overtaken by a longer one is
   * skipped, and `''` clears it. A listener that returns a promise is shown nothing more until it resolves.
   */
  subscribe(chatId: ChatId, listener: (event: LocalChatEvent) => unknown, after?: number): () => void;
  /** It is always known as which message. */
  send(message: OutgoingMessage): Promise<MessageId>;
  /**
   * The operator taps a button below that message; resolves to words for what came of it. Rejects with PortError:
   * `unavailable` where this process does not answer the chat, `not-found` where the message has no such button.
   */
  tap(chatId: ChatId, messageId: MessageId, data: string): Promise<string>;
  /**
   * Speaks to the agent as the agent. Rejects with PortError `unavailable` before `start`, and with what the receiver
   * rejected with.
   */
  ping(nonce: string): Promise<MessageId>;
}

export const makeLocalChat = ({
  transcript,
  clock,
  randomness,
  changes,
  events = silentEvents,
}: {
  readonly transcript: LocalTranscript;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly changes: ChangeFeed;
  /** Says nothing unless told. */
  readonly events?: Events | undefined;
}): LocalChat => {
  requireNode(process.versions.node);
  const notice = noticesOf(events, 'local');
  const handOver = makeHandOver({ transcript, changes, clock, notice, toIncoming });
  const drafts = makeDrafts((chatId, text) => subscriptions.draft(chatId, text));
  const subscriptions = makeSubscriptions({ transcript, changes, notice });

  return {
    name: 'local',
    limits: { draftIntervalMs: 100 },
    start: handOver.start,
    stop: handOver.stop,

    post: async (chatId, text, once) => {
      const refused = refusal(chatId, text);
      if (refused) return err(refused);
      const message = await transcript.post({
        chatId,
        from: 'operator',
        text,
        answers: [],
        at: clock.now(),
        randomId: once ?? randomness.id(),
      });
      subscriptions.stored(chatId);
      await handOver.stored(chatId, message.messageId);
      return ok(message);
    },

    list: (chatId, after, limit, before) =>
      after === undefined ? transcript.latest(chatId, limit, before) : transcript.list(chatId, after, limit),

    subscribe: subscriptions.subscribe,

    ping: async (nonce) => {
      const ping = await transcript.post({
        chatId: SELF_PING_CHAT,
        from: 'agent',
        text: pingText(nonce),
        answers: [],
        at: clock.now(),
        randomId: randomness.id(),
      });
      subscriptions.stored(SELF_PING_CHAT);
      await handOver.once(toIncoming(ping));
      return ping.messageId;
    },

    tap: async (chatId, messageId, data) => {
      const message = await transcript.get(chatId, messageId);
      if (!message?.buttons?.some((button) => button.data === data))
        throw new PortError('not-found', 'that message has no such button', { retryable: false });
      const sender: Sender = { id: OPERATOR_ID, kind: 'operator', displayName: 'operator' };
      return handOver.tapped({ chatId, messageId, sender, data });
    },

    send: async ({ chatId, text, replyTo, answers, deliveryKey, buttons }) => {
      if (!isLocalChat(chatId)) throw new PortError('invalid-request', `${chatId} is not a local chat`, { retryable: false });
      const sent = await transcript.post({
        chatId,
        from: 'agent',
        text,
        answers,
        at: clock.now(),
        randomId: deliveryKey,
        ...present({ replyTo, buttons }),
      });
      subscriptions.stored(chatId);
      drafts.close(chatId, deliveryKey);
      return sent.messageId;
    },

    showDraft: async (draft) => drafts.show(draft),
    withdraw: async (chatId, deliveryKey) => drafts.close(chatId, deliveryKey),
    // People at this machine see that a message was taken and that an answer grows: there is nothing to add.
    showTyping: async () => undefined,
    acknowledge: async () => undefined,
  };
};

const refusal = (chatId: ChatId, text: string): PostRefusal | undefined => {
  if (!isLocalChat(chatId) || chatId === SELF_PING_CHAT)
    return { code: 'chat/not-local', message: `${chatId} is not a chat that can be written to from here` };
  if (text.trim() === '') return { code: 'message/empty', message: 'a message needs some text' };
  if (text.length > MAX_MESSAGE_LENGTH)
    return {
      code: 'message/too-long',
      message: `a message may have ${MAX_MESSAGE_LENGTH} characters; this one has ${text.length}. Nothing of it was taken`,
    };
  return undefined;
};

const toIncoming = ({ chatId, messageId, text, at, replyTo }: TranscriptMessage): IncomingMessage => ({
  chat: { id: chatId, kind: 'direct' },
  messageId,
  text,
  sentAt: at,
  sender:
    chatId === SELF_PING_CHAT
      ? { id: AGENT_ID, kind: 'self', displayName: 'self-ping' }
      : { id: OPERATOR_ID, kind: 'operator', displayName: 'operator' },
  ...present({ replyTo }),
});
