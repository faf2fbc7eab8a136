import type { ChatId } from '../../domain/chat/ids.ts';
import type { TurnId } from '../../domain/conversation/turn.ts';
import type { PromiseId } from '../../domain/promise/promise.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import { outcomeKey, outcomeText } from './announce-outcome.ts';

/** A chat that was out of reach for long is not flooded: the others follow with its next turns. */
const MOST = 5;

/**
 * Queues outcomes that were given up anew, behind the reply of a turn in their chat: where that arrives, they may. Not
 * as replies: what they would reply to may be why they were refused. Resolves to the numbers of their promises.
 */
export const resurfaceOutcomes = async (
  { promises, outbox }: Pick<Stores, 'promises' | 'outbox'>,
  turn: { readonly chatId: ChatId; readonly id: TurnId; readonly endedAt: number },
  randomness: Randomness,
): Promise<readonly PromiseId[]> => {
  const lost = await promises.lostOutcomes(turn.chatId, MOST);
  if (lost.length === 0) return [];
  await outbox.addMany(
    lost.map((promise) => ({
      chatId: turn.chatId,
      text: `This could not be delivered before.\n\n${outcomeText(promise)}`,
      answers: [],
      promiseId: promise.id,
      // What is stored was saved once since it settled.
      dedupeKey: `${outcomeKey(promise.id, promise.version - 1)}:${turn.id}`,
      deliveryKey: randomness.id(),
      createdAt: turn.endedAt,
    })),
  );
  return lost.map(({ id }) => id);
};
