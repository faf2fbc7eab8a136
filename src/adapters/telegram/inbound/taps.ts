import { Api } from 'telegram/tl/index.js';
import { InvalidValueError } from '../../../domain/shared/brand.ts';
import { beginningOf } from '../../../domain/shared/excerpt.ts';
import { type ButtonTap, type Clock, type GatewayInlet, type Notice, reasonOf } from '../../../ports/index.ts';
import { telegramChatId, telegramMessageId } from '../client/ids.ts';
import type { Call } from '../client/link.ts';
import { markedId, plainNumber, usersById } from '../client/peer-ids.ts';
import type { Peers } from '../client/peers.ts';
import { updatesIn } from '../client/updates-in.ts';
import { identify } from './sender.ts';

/** Taps of buttons below our messages. */
export interface Taps {
  /** Takes the taps of what came in, at once: they have no place in any stream, and are not repeated. */
  take(updates: Api.TypeUpdates): void;
  start(inlet: Pick<GatewayInlet, 'tapped'>): void;
  /** Resolves when the taps under way have been answered. */
  stop(): Promise<void>;
}

/** Telegram shows a clock on the button until it has an answer. */
const ANSWER_WITHIN_MS = 800;
/** What nobody answers within half a minute, Telegram no longer waits for. */
const ANSWER_CALL_MS = 30_000;
/** The longest answer (https://core.telegram.org/method/messages.setBotCallbackAnswer), in UTF-16 units. */
const MAX_ANSWER = 200;
/** Anybody in a group can tap as fast as they like. */
const MAX_AT_ONCE = 100;

const LATER = 'This takes a moment. The message above will say what became of it.';
const FAILED = 'This did not work. Please tap again.';
const BUSY = 'Too many taps at once. Please tap again in a moment.';

export const makeTaps = ({
  call,
  peers,
  clock,
  notice,
}: {
  readonly call: Call;
  readonly peers: Peers;
  readonly clock: Clock;
  readonly notice: Notice;
}): Taps => {
  const { promise: started, resolve: start } = Promise.withResolvers<Pick<GatewayInlet, 'tapped'>>();
  const underWay = new Set<Promise<void>>();
  let isStopped = false;

  const read = ({ peer, msgId, userId, data }: Api.UpdateBotCallbackQuery, users: readonly Api.TypeUser[]): ButtonTap => {
    const id = plainNumber(userId);
    return {
      chatId: telegramChatId(markedId(peer)),
      messageId: telegramMessageId(msgId),
      // No bot can tap a button, so whoever is not told of is a person.
      sender: identify(id, usersById(users).get(id) ?? peers.user(id)).sender,
      data: data?.toString('utf8') ?? '',
    };
  };

  const answer = async (queryId: Api.UpdateBotCallbackQuery['queryId'], words: string): Promise<void> => {
    const message = beginningOf(words, MAX_ANSWER);
    await call(new Api.messages.SetBotCallbackAnswer({ queryId, message, cacheTime: 0 }), ANSWER_CALL_MS);
  };

  const handle = async (tap: ButtonTap): Promise<string> => {
    const { tapped } = await started;
    try {
      return isStopped ? FAILED : await tapped(tap);
    } catch (error) {
      notice('tap-failed', { chatId: tap.chatId, messageId: tap.messageId, reason: reasonOf(error) });
      return FAILED;
    }
  };

  const takeOne = async (update: Api.UpdateBotCallbackQuery, users: readonly Api.TypeUser[]): Promise<void> => {
    const late = Promise.withResolvers<string>();
    const cancel = clock.after(ANSWER_WITHIN_MS, () => late.resolve(LATER));
    let handled: Promise<string> | undefined;
    try {
      handled = underWay.size >= MAX_AT_ONCE ? Promise.resolve(BUSY) : handle(read(update, users));
      await answer(update.queryId, await Promise.race([handled, late.promise]));
    } catch (error) {
      const reason = error instanceof InvalidValueError ? `not well-formed: ${error.message}` : reasonOf(error);
      notice('tap-not-answered', { reason });
    } finally {
      cancel();
      await handled;
    }
  };

  return {
    take: (updates) => {
      const users = 'users' in updates ? updates.users : [];
      for (const update of updatesIn(updates)) {
        if (isStopped || !(update instanceof Api.UpdateBotCallbackQuery)) continue;
        const taking = takeOne(update, users).finally(() => underWay.delete(taking));
        underWay.add(taking);
      }
    },
    start,
    stop: async () => {
      isStopped = true;
      start({ tapped: async () => FAILED });
      await Promise.all(underWay);
    },
  };
};
