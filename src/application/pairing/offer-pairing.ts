import { type ChatId, DEFAULT_LOCAL_CHAT, gatewayOf, type UserId } from '../../domain/chat/ids.ts';
import { type AccessDecision, accessOf, mayBePaired } from '../../domain/message/access.ts';
import type { IncomingMessage } from '../../domain/message/message.ts';
import { codeOf, MAX_OPEN_PAIRINGS, makePairing, PAIRING_MS, type Pairing } from '../../domain/pairing/pairing.ts';
import { pairingText } from '../../domain/pairing/pairing-text.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';

/**
 * Offers a denied stranger to the owners, in the unit of work that stores the message: a message with one code in the
 * direct chat of each owner who is let in there, and in the local chat. The stranger hears nothing. Resolves to what
 * was offered; undefined where nobody is told: they asked within a day, somebody has decided upon them, or as many
 * others as may be wait for an answer.
 */
export const offerPairing = async (
  { pairings, outbox, audit }: Pick<Stores, 'pairings' | 'outbox' | 'audit'>,
  { chat, sender }: Pick<IncomingMessage, 'chat' | 'sender'>,
  access: AccessDecision,
  { policy, randomness, at }: { readonly policy: AccessPolicy; readonly randomness: Pick<Randomness, 'id'>; readonly at: number },
): Promise<Pairing | undefined> => {
  if (!mayBePaired(policy, { chat, sender }, access)) return undefined;
  const pairing = makePairing(sender, chat.id, { code: codeOf(randomness.id()), at });
  if (!(await pairings.offer(pairing, { since: at - PAIRING_MS, maxOpen: MAX_OPEN_PAIRINGS }))) return undefined;
  const text = pairingText(pairing);
  await outbox.addMany(
    chatsOfOwners(policy, sender.id).map((chatId) => ({
      chatId,
      text,
      answers: [],
      dedupeKey: `pairing:${pairing.code}:${chatId}`,
      deliveryKey: randomness.id(),
      createdAt: at,
      provenance: { labels: ['guest'] },
    })),
  );
  await audit.add([{ at, kind: 'pairing', actor: sender.id, facts: { verdict: 'asked', chatId: chat.id } }]);
  return pairing;
};

/** More owners than these are not told. */
const MAX_TOLD = 10;

/** The local chat, and the direct chats of owners on the stranger's own platform, where they are let in. */
const chatsOfOwners = (policy: AccessPolicy, stranger: UserId): readonly ChatId[] => {
  const owners = [...(policy.people ?? [])].flatMap(([id, { role }]) => (role === 'owner' ? [id] : []));
  const direct = owners.filter((id) => {
    const chatId = directChatOf(id);
    return gatewayOf(id) === gatewayOf(stranger) && accessOf(policy, { chatId, chatKind: 'direct', senderId: id }).allowed;
  });
  return [DEFAULT_LOCAL_CHAT, ...direct.slice(0, MAX_TOLD).map(directChatOf)];
};

/** Where a platform gives the direct chat the person's own id. */
const directChatOf = (id: UserId): ChatId => id as string as ChatId;
