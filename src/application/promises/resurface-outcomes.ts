import type { ChatId } from '../../domain/chat/ids.ts';
import type { TurnId } from '../../domain/conversation/turn.ts';
import { outcomeText, storedOutcomeKey } from '../../domain/promise/outcome.ts';
import type { PromiseId } from '../../domain/promise/promise.ts';
import { present } from '../../domain/shared/present.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';

/** A chat that was out of reach for long is not flooded: the other outcomes follow with its next turns. */
const MAX_RESURFACED_PER_TURN = 5;

/**
 * Queues outcomes that were given up again, after the reply of a turn in their chat: if the reply arrives, they can
 * arrive, too. They are not replies, because the message that they would reply to may be why they were refused.
 * Resolves to the ids of their promises.
 */
export const resurfaceOutcomes = async (
  { promises, outbox }: Pick<Stores, 'promises' | 'outbox'>,
  turn: { readonly chatId: ChatId; readonly id: TurnId; readonly endedAt: number },
  randomness: Randomness,
): Promise<readonly PromiseId[]> => {
  const lost = await promises.lostOutcomes(turn.chatId, MAX_RESURFACED_PER_TURN);
  if (lost.length === 0) return [];
  await outbox.addMany(
    lost.map((promise) => ({
      chatId: turn.chatId,
      text: `This could not be delivered before.\n\n${outcomeText(promise)}`,
      answers: [],
      promiseId: promise.id,
      dedupeKey: `${storedOutcomeKey(promise)}:${turn.id}`,
      deliveryKey: randomness.id(),
      createdAt: turn.endedAt,
      ...present({ provenance: promise.provenance }),
    })),
  );
  return lost.map(({ id }) => id);
};
