import type { OutboxId } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import { buildOutboxDraft, telegramChat, telegramMessage, telegramUser } from '../../../src/testing/index.ts';
import { makeProcess, makeWorld, type ProcessOptions, settle } from '../support/harness.ts';

export const HOUR = 3_600_000;

/** Who asks for the promises of these tests, and where. */
export const origin = {
  chatId: telegramChat(501),
  chatKind: 'direct' as const,
  messageId: telegramMessage(1),
  requestedBy: { id: telegramUser(501) },
};

/** The refusal of a gateway that is to be left alone for so long: wholly, or in one chat. */
export const flood = (seconds: number, scope?: 'chat') =>
  new PortError('rate-limited', 'flood', { retryable: true, retryAfterMs: seconds * 1_000, ...(scope ? { scope } : {}) });

/** A process that delivers these drafts from the beginning. */
export const startDelivery = async (drafts: readonly (readonly [chat: number, text: string])[], options: ProcessOptions = {}) => {
  const world = makeWorld();
  const { outbox } = world.storage.stores;
  const add = (chat: number, text: string) =>
    outbox.add(
      buildOutboxDraft({
        chatId: telegramChat(chat),
        text,
        dedupeKey: `turn:${text}`,
        deliveryKey: world.randomness.id(),
        createdAt: world.clock.now(),
      }),
    );
  for (const [chat, text] of drafts) await add(chat, text);
  const process = makeProcess(world, options);
  process.deliverer.start();
  await settle();
  const texts = (of: readonly { text: string }[] = world.gateway.sent) => of.map(({ text }) => text);
  const item = (n: number) => outbox.get(n as OutboxId);
  return { world, process, add, texts, item, ...world };
};
