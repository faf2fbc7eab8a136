import { type AccessDecision, decideAccess } from '../../domain/message/access.ts';
import type { IncomingMessage } from '../../domain/message/message.ts';
import { present } from '../../domain/shared/present.ts';
import { usernameOf } from '../../domain/whitelist/whitelist.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { PairingStore } from '../../ports/storage/pairing-store.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import type { PairedPeople } from '../pairing/paired-people.ts';

/** The access decision over a message that has just come, in the unit of work that stores it. */
export const makeDecideAtArrival = (deps: {
  readonly policy: AccessPolicy;
  readonly isOutstandingPing: (message: IncomingMessage) => boolean;
  readonly paired?: Pick<PairedPeople, 'learn'> | undefined;
}) => {
  /** A listed username belongs to the person first seen with it, in any chat. A later owner of it is somebody else. */
  const decide = async (
    { usernames, pairings }: Pick<Stores, 'usernames' | 'pairings'>,
    message: IncomingMessage,
  ): Promise<AccessDecision> => {
    const isOutstandingPing = deps.isOutstandingPing(message);
    const isPaired = await pairedNow(pairings, message);
    const facts = { isOutstandingPing, ...present({ isPaired }) };
    const username = listedUsername(deps.policy, message);
    if (username === undefined) return decideAccess(deps.policy, message, facts);
    const pinnedUserId = await usernames.pinned(username);
    const access = decideAccess(deps.policy, message, { ...facts, ...present({ pinnedUserId }) });
    if (pinnedUserId === undefined) await usernames.pin(username, message.sender.id);
    return access;
  };

  /** As is stored now, so that a yes and its end count from the next message on. */
  const pairedNow = async (pairings: Pick<PairingStore, 'get'>, { chat, sender }: IncomingMessage): Promise<boolean | undefined> => {
    if (!deps.policy.whitelist.pairing || chat.kind !== 'direct' || sender.kind !== 'person') return undefined;
    const isPaired = (await pairings.get(sender.id))?.status === 'paired';
    deps.paired?.learn(sender.id, isPaired);
    return isPaired;
  };

  return decide;
};

/** The sender's username if it is on the whitelist. */
const listedUsername = ({ whitelist }: AccessPolicy, { sender }: IncomingMessage): string | undefined => {
  const username = usernameOf(sender);
  return username !== undefined && whitelist.usernames.has(username) ? username : undefined;
};
