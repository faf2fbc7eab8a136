import { type ChatId, type DeletedMessages, type IncomingMessage, type MessageId, messageIdOf, present } from '../domain/index.ts';
import { beginningOf } from '../domain/shared/excerpt.ts';
import {
  type ButtonTap,
  type ChatGateway,
  type FetchOptions,
  type GatewayInlet,
  type GrowingAnswer,
  type MovedChat,
  type OutgoingMessage,
  PortError,
} from '../ports/index.ts';

import type { ShownMessage } from './chat-gateway.contract.ts';

export interface SentMessage extends OutgoingMessage {
  readonly messageId: MessageId;
}

/** When a send fails: before the other side has it, or after it was accepted and only the word of it is lost. */
export type SendFailure = 'before' | 'after';

export type BestEffort = 'showDraft' | 'showTyping' | 'acknowledge' | 'edit' | 'pin';

export interface Edit {
  readonly chatId: ChatId;
  readonly messageId: MessageId;
  readonly text: string;
}

export interface RecordingGateway extends ChatGateway {
  /** What arrived at the other side, in order, each message once. */
  readonly sent: readonly SentMessage[];
  /** Every call of `send`, repeats and failures among them. */
  readonly attempts: readonly OutgoingMessage[];
  /** Every call of the best-effort calls, refused ones among them. */
  readonly drafts: readonly GrowingAnswer[];
  readonly typing: readonly ChatId[];
  readonly acknowledged: readonly { readonly chatId: ChatId; readonly messageId: MessageId }[];
  readonly edits: readonly Edit[];
  /** Every call of `pin`. */
  readonly pins: readonly { readonly chatId: ChatId; readonly messageId: MessageId }[];
  /** What people see of it in that chat: what arrived, as it was edited last, and below it the drafts. */
  onScreen(chatId: ChatId): readonly ShownMessage[];
  /** Every fetch of attachments, failed ones among them. */
  readonly fetches: readonly IncomingMessage[];
  /** Called for each fetch, before its files are there: it may wait, or reject. */
  onFetch: (message: IncomingMessage, options: FetchOptions) => Promise<void>;
  /** Makes the next `count` sends fail with `error` (by default `unavailable`, retryable). */
  failNext(count: number, when: SendFailure, error?: unknown): void;
  /** Makes the next call of that kind reject with `error`. */
  refuseNext(call: BestEffort, error: unknown): void;
  /**
   * A message arrives. It is handed over at once when started, else at the start. Rejects with what `received`
   * rejects with.
   */
  deliver(message: IncomingMessage): Promise<void>;
  /** Hands over again what `received` rejected, and all behind it. */
  redeliver(): Promise<void>;
  /**
   * The chat `from` becomes `to`: told at once when started, else at the start, before any message that comes later.
   * From here on `from` refuses sends as `invalid-request`.
   */
  move(chat: MovedChat): Promise<void>;
  /** Messages are deleted: told at once. Rejects with what `erased` rejects with, and when it is not started. */
  erase(deleted: DeletedMessages): Promise<void>;
  /** A person taps a button: told at once. Resolves to the words that they are shown. */
  tap(tap: ButtonTap): Promise<string>;
  /** Messages not handed over yet. */
  readonly undelivered: readonly IncomingMessage[];
  /** Resolves once `count` messages have arrived at the other side. */
  untilSent(count: number): Promise<void>;
}

/** What people see of the gateway: what has arrived, as it was edited last, and the drafts. */
const makeScreen = (sent: readonly SentMessage[], edits: readonly Edit[]) => {
  /** Drafts on the screen, by their delivery keys, and the keys that show nothing any more. */
  const shown = new Map<string, GrowingAnswer>();
  const closed = new Set<string>();
  const close = ({ chatId, deliveryKey }: Pick<GrowingAnswer, 'chatId' | 'deliveryKey'>): void => {
    closed.add(`${chatId} ${deliveryKey}`);
    shown.delete(`${chatId} ${deliveryKey}`);
  };
  const show = (draft: GrowingAnswer): void => {
    const key = `${draft.chatId} ${draft.deliveryKey}`;
    if (!closed.has(key)) shown.set(key, draft);
  };
  const onScreen = (chatId: ChatId): readonly ShownMessage[] => [
    ...sent
      .filter((message) => message.chatId === chatId)
      .map(({ messageId, text, replyTo, buttons }) => {
        const edited = edits.findLast((edit) => edit.chatId === chatId && edit.messageId === messageId);
        return { text: edited?.text ?? text, ...present({ replyTo, buttons: edited ? undefined : buttons }) };
      }),
    ...[...shown.values()].flatMap((draft) =>
      draft.chatId === chatId ? [{ text: draft.text, ...present({ replyTo: draft.replyTo }) }] : [],
    ),
  ];
  return { show, close, onScreen };
};

const NOT_STARTED = Promise.resolve('Nobody is there to take it.');

/** Hands over moves, and then messages, to the inlet, in order and one at a time. */
const makeHandOver = () => {
  const undelivered: IncomingMessage[] = [];
  const moves: MovedChat[] = [];
  let untold = 0;
  let inlet: GatewayInlet | undefined;
  let handingOver: Promise<void> = Promise.resolve();

  const handOver = async (): Promise<void> => {
    for (let chat = moves.at(-untold); untold > 0 && inlet && chat; chat = moves.at(-untold)) {
      await inlet.moved(chat);
      untold--;
    }
    for (let message = undelivered[0]; inlet && message; message = undelivered[0]) {
      await inlet.received(message);
      undelivered.shift();
    }
  };
  /** One hand-over at a time; one that failed does not hold up the next. */
  const redeliver = (): Promise<void> => {
    handingOver = handingOver.then(handOver, handOver);
    return handingOver;
  };
  return {
    undelivered,
    moves,
    inlet: () => inlet,
    open: (given: GatewayInlet): Promise<void> => {
      inlet = given;
      return redeliver();
    },
    close: (): void => {
      inlet = undefined;
    },
    tap: async (tap: ButtonTap): Promise<string> => {
      const words = await (inlet?.tapped(tap) ?? NOT_STARTED).catch(() => 'This did not work. Please tap again.');
      return beginningOf(words, 200);
    },
    redeliver,
    move: (chat: MovedChat): Promise<void> => {
      moves.push(chat);
      untold++;
      return redeliver();
    },
  };
};

/** What is to fail, in the order in which it was said. */
const makeFailures = () => {
  const refusals: { call: BestEffort; error: unknown }[] = [];
  const failures: { when: SendFailure; error: unknown }[] = [];
  return {
    refuse: (call: BestEffort): void => {
      const at = refusals.findIndex((refusal) => refusal.call === call);
      if (at >= 0) throw refusals.splice(at, 1)[0]?.error;
    },
    nextFailure: () => failures.shift(),
    failNext: (
      count: number,
      when: SendFailure,
      error: unknown = new PortError('unavailable', 'the other side is down', { retryable: true }),
    ): void => void failures.push(...Array.from({ length: count }, () => ({ when, error }))),
    refuseNext: (call: BestEffort, error: unknown): void => void refusals.push({ call, error }),
  };
};

/** A gateway whose other side is an array: it keeps the law of `ChatGateway`, and can be made to fail. */
export const makeRecordingGateway = (
  options: Partial<Pick<ChatGateway, 'name' | 'limits' | 'canMove'>> & {
    /** What the platform calls the n-th message that arrives, from 0. */
    readonly nativeIdOf?: (n: number) => string | number | bigint;
  } = {},
): RecordingGateway => {
  const { name = 'telegram', limits = { draftIntervalMs: 0 }, canMove, nativeIdOf = (n) => 1_000 + n } = options;
  const sent: SentMessage[] = [];
  const attempts: OutgoingMessage[] = [];
  const drafts: GrowingAnswer[] = [];
  const typing: ChatId[] = [];
  const acknowledged: { chatId: ChatId; messageId: MessageId }[] = [];
  const edits: Edit[] = [];
  const pins: { chatId: ChatId; messageId: MessageId }[] = [];
  const screen = makeScreen(sent, edits);
  const handOver = makeHandOver();
  const { undelivered, moves } = handOver;
  const { refuse, nextFailure, failNext, refuseNext } = makeFailures();
  const fetches: IncomingMessage[] = [];
  const waiting = new Set<() => void>();

  const holds = (chat: ChatId, id: MessageId): boolean => sent.some(({ chatId, messageId }) => chatId === chat && messageId === id);
  const accept = (message: OutgoingMessage): SentMessage => {
    const known = sent.find(({ chatId, deliveryKey }) => chatId === message.chatId && deliveryKey === message.deliveryKey);
    if (known) return known;
    const accepted = { ...message, messageId: messageIdOf(name, nativeIdOf(sent.length)) };
    sent.push(accepted);
    screen.close(message);
    for (const resolve of waiting) resolve();
    waiting.clear();
    return accepted;
  };

  const gateway: RecordingGateway = {
    name,
    sent,
    attempts,
    drafts,
    typing,
    acknowledged,
    edits,
    pins,
    limits,
    undelivered,
    fetches,
    onFetch: async () => undefined,
    ...present({ canMove }),
    start: async (given) => {
      await handOver.open(given);
    },
    send: async (message) => {
      attempts.push(message);
      const failure = nextFailure();
      if (failure?.when === 'before') throw failure.error;
      if (moves.some(({ from }) => from === message.chatId))
        throw new PortError('invalid-request', `there is no chat ${message.chatId}`, { retryable: false });
      const isThere = sent.some(({ chatId, deliveryKey }) => chatId === message.movedFrom && deliveryKey === message.deliveryKey);
      if (isThere) return undefined;
      const { messageId } = accept(message);
      if (failure) throw failure.error;
      return messageId;
    },
    showDraft: async (draft) => {
      drafts.push(draft);
      refuse('showDraft');
      screen.show(draft);
    },
    withdraw: async (chatId, deliveryKey) => screen.close({ chatId, deliveryKey }),
    onScreen: screen.onScreen,
    showTyping: async (chatId) => {
      typing.push(chatId);
      refuse('showTyping');
    },
    acknowledge: async (chatId, messageId) => {
      acknowledged.push({ chatId, messageId });
      refuse('acknowledge');
    },
    edit: async (chatId, messageId, text) => {
      edits.push({ chatId, messageId, text });
      refuse('edit');
      return holds(chatId, messageId);
    },
    pin: async (chatId, messageId) => {
      pins.push({ chatId, messageId });
      refuse('pin');
      return holds(chatId, messageId);
    },
    fetchAttachments: async (message, options) => {
      fetches.push(message);
      await gateway.onFetch(message, options);
      return (message.attachments ?? []).map(({ messageId, kind, fileName = 'file' }) => {
        const path = `inbox/${fileName}`;
        return { messageId, kind, path, words: `[saved as ${path}]` };
      });
    },
    stop: async () => {
      handOver.close();
    },
    failNext,
    refuseNext,
    deliver: (message) => {
      undelivered.push(message);
      return handOver.redeliver();
    },
    redeliver: handOver.redeliver,
    erase: async (deleted) => {
      const inlet = handOver.inlet();
      if (!inlet) throw new PortError('unavailable', 'the gateway is not started', { retryable: true });
      await inlet.erased(deleted);
    },
    tap: handOver.tap,
    move: handOver.move,
    untilSent: async (count) => {
      while (sent.length < count) await new Promise<void>((resolve) => waiting.add(resolve));
    },
  };
  return gateway;
};
