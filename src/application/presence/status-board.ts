import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import { clockTime } from '../../domain/shared/time.ts';
import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { ChatGateway } from '../../ports/chat-gateway.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError, reasonOf } from '../../ports/port-error.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { KeyValueState } from '../../ports/storage/key-value-state.ts';
import type { Stores, UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { makeLoop } from '../loops/loop.ts';
import { withTimeout } from '../loops/timers.ts';
import { gatewayFor } from '../outbox/gateway-for.ts';
import type { SendLimiter } from '../outbox/send-limiter.ts';
import { editMessage } from './edit-message.ts';

/** A pinned message in the operator's chat that says how Kept is. */
export interface StatusBoard {
  /** Whether `chatId` is the chat that has the board. */
  isIn(chatId: ChatId): boolean;
  /** From now on there is a board, also after the next start. Resolves when that is durable. */
  ask(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

const EVERY_MS = 60_000;
/** What changes in the store brings at most one look in that time. */
const INTERVAL_MS = 2_000;
const PIN_TIMEOUT_MS = 60_000;

/** The number of the board, from 1: one that can't be changed any more is followed by the next. */
const NUMBER = 'number';
/** The board that people see, as JSON. */
const SHOWN = 'shown';

interface Shown {
  readonly number: number;
  readonly chatId: ChatId;
  readonly messageId: MessageId;
}

const keyOf = (chatId: ChatId, number: number): string => `status:${chatId}:${number}`;

/**
 * Keeps the board up to date: once a minute it is edited. It is sent as any message is, once, and pinned once; where
 * Kept may not pin, it is kept up to date all the same.
 */
export const makeStatusBoard = (deps: {
  readonly chatId: ChatId;
  readonly statusLine: () => Promise<string>;
  readonly state: KeyValueState;
  readonly outbox: Stores['outbox'];
  readonly unitOfWork: UnitOfWork;
  readonly gateways: readonly ChatGateway[];
  readonly limiter: SendLimiter;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly events: Events;
  readonly timeZone: string;
}): StatusBoard => {
  const { chatId, state, outbox, unitOfWork, gateways, limiter, clock, randomness, events, timeZone } = deps;
  /** Undefined until it was read; 0 where nobody has asked for a board. */
  let number: number | undefined;
  let shown: Shown | undefined;
  let updatedAt = Number.NEGATIVE_INFINITY;

  const textNow = async (): Promise<string> =>
    `Kept is ${await deps.statusLine()}\n\nAs of ${clockTime(clock.now(), timeZone)} ${timeZone}; it is looked at once a minute.`;

  /** Elsewhere there would be a new message each minute. */
  const canEdit = (): boolean => gatewayFor(gateways, chatId)?.edit !== undefined;

  const read = async (): Promise<number> => {
    if (number !== undefined) return number;
    const stored = await state.get(SHOWN);
    shown = stored === undefined ? undefined : (JSON.parse(stored) as Shown);
    number = Number((await state.get(NUMBER)) ?? 0);
    return number;
  };

  const post = async (board: number): Promise<void> => {
    const text = await textNow();
    await unitOfWork.run(async (stores) => {
      const home = await stores.chatMoves.home(chatId);
      const draft = { chatId: home, text, answers: [], dedupeKey: keyOf(chatId, board), deliveryKey: randomness.id() };
      await stores.outbox.add({ ...draft, createdAt: clock.now() });
    });
    updatedAt = clock.now();
  };

  const remember = async (board: Shown): Promise<void> => {
    await state.set(new Map([[SHOWN, JSON.stringify(board)]]));
    shown = board;
  };

  /** A new board takes the place of that one. */
  const replace = async (board: number): Promise<void> => {
    await state.set(new Map([[NUMBER, `${board + 1}`]]));
    number = board + 1;
    loop.wake();
  };

  /** The board that people see; undefined while it is on its way. */
  const findShown = async (board: number): Promise<Shown | undefined> => {
    if (shown?.number === board) return shown;
    const item = await outbox.named(keyOf(chatId, board));
    if (!item) await post(board);
    if (item?.status !== 'sent' || item.sentMessageId === undefined) return undefined;
    return { number: board, chatId: item.chatId, messageId: item.sentMessageId };
  };

  const update = async (gateway: ChatGateway, board: Shown): Promise<number> => {
    if (shown?.number !== board.number && (await pin(deps, gateway, board))) await remember(board);
    const dueAt = updatedAt + EVERY_MS;
    if (clock.now() < dueAt) return dueAt;
    const until = await limiter.tryAcquire(gateway, 'progress', board.chatId);
    if (until !== undefined) return until;
    const isEdited = await editMessage(gateway, clock, board.chatId, board.messageId, await textNow());
    updatedAt = clock.now();
    if (!isEdited) await replace(board.number);
    return updatedAt + EVERY_MS;
  };

  const poll = async (): Promise<number | undefined> => {
    const number = canEdit() ? await read() : 0;
    const board = number === 0 ? undefined : await findShown(number);
    const gateway = board && gatewayFor(gateways, board.chatId);
    // What is on its way changes the store when it arrives.
    if (!board || !gateway) return undefined;
    try {
      return await update(gateway, board);
    } catch (error) {
      const isLimited = await limiter.recordRateLimit(gateway, 'progress', board.chatId, error);
      if (!isLimited) events.emit({ type: 'progress-not-shown', gateway: gateway.name, chatId: board.chatId, reason: reasonOf(error) });
      updatedAt = clock.now();
      return updatedAt + EVERY_MS;
    }
  };

  const loop = makeLoop({ name: 'status', clock, changes: deps.changes, events, poll, intervalMs: INTERVAL_MS });
  return {
    isIn: (asked) => asked === chatId && canEdit(),
    ask: async () => {
      const board = await read();
      const item = board === 0 ? undefined : await outbox.named(keyOf(chatId, board));
      if (board === 0 || item?.status === 'failed') await replace(board);
    },
    start: loop.start,
    stop: loop.stop,
  };
};

/** Whether that is over: where the platform only asks for patience, it is tried once more later. */
const pin = async (
  { limiter, clock, events }: { readonly limiter: SendLimiter; readonly clock: Clock; readonly events: Events },
  gateway: ChatGateway,
  { chatId: home, messageId }: Shown,
): Promise<boolean> => {
  try {
    if ((await limiter.tryAcquire(gateway, 'progress', home)) !== undefined) return false;
    const pinning = gateway.pin?.(home, messageId) ?? Promise.resolve(false);
    const isPinned = await withTimeout(clock, PIN_TIMEOUT_MS, pinning, `it was not pinned within ${PIN_TIMEOUT_MS / 1_000} s`);
    if (!isPinned) events.emit({ type: 'status-not-pinned', chatId: home });
    return true;
  } catch (error) {
    await limiter.recordRateLimit(gateway, 'progress', home, error);
    if (isPortError(error) && error.retryable) return false;
    events.emit({ type: 'status-not-pinned', chatId: home });
    return true;
  }
};
