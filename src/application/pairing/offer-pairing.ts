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
  { pairings, outbox, audit, usernames }: Pick<Stores, 'pairings' | 'outbox' | 'audit' | 'usernames'>,
  { chat, sender }: Pick<IncomingMessage, 'chat' | 'sender'>,
  access: AccessDecision,
  { policy, randomness, at }: { readonly policy: AccessPolicy; readonly randomness: Pick<Randomness, 'id'>; readonly at: number },
): Promise<Pairing | undefined> => {
  if (!mayBePaired(policy, { chat, sender }, access)) return undefined;
  const pairing = makePairing(sender, chat.id, { code: codeOf(randomness.id()), at });
  if (!(await pairings.offer(pairing, { since: at - PAIRING_MS, maxOpen: MAX_OPEN_PAIRINGS }))) return undefined;
  const text = pairingText(pairing);
  await outbox.addMany(
    (await chatsOfOwners(policy, sender.id, usernames)).map((chatId) => ({
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
const chatsOfOwners = async (
  policy: AccessPolicy,
  stranger: UserId,
  usernames: Pick<Stores['usernames'], 'pinned'>,
): Promise<readonly ChatId[]> => {
  const gateway = gatewayOf(stranger);
  const owners = [...(policy.people ?? [])].flatMap(([id, { role }]) => (role === 'owner' && gatewayOf(id) === gateway ? [id] : []));
  if (owners.length === 0) return [DEFAULT_LOCAL_CHAT];
  const named = new Set<UserId>();
  for (const username of policy.whitelist.usernames.keys()) {
    // Who has the name is known once they have written.
    const id = await usernames.pinned(username);
    if (id !== undefined) named.add(id);
  }
  const isLetIn = (id: UserId): boolean =>
    named.has(id) || accessOf(policy, { chatId: directChatOf(id), chatKind: 'direct', senderId: id }).allowed;
  return [DEFAULT_LOCAL_CHAT, ...owners.filter(isLetIn).slice(0, MAX_TOLD).map(directChatOf)];
};

/** Where a platform gives the direct chat the person's own id. */
const directChatOf = (id: UserId): ChatId => id as string as ChatId;
