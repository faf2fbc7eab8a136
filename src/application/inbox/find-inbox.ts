import { decideAccess } from '../../domain/message/access.ts';
import type { IncomingMessage } from '../../domain/message/message.ts';
import { normaliseUsername } from '../../domain/whitelist/whitelist.ts';
import { type AccessPolicy, scopeOf } from '../../domain/workspace/policy.ts';
import type { UsernamePins } from '../../ports/storage/username-pins.ts';

/**
 * Where the files of a message go: the directory that its work is held to (absolute); undefined for whoever is denied,
 * because nothing that strangers send is kept.
 */
export const makeFindInbox =
  ({ policy, usernames }: { readonly policy: AccessPolicy; readonly usernames: Pick<UsernamePins, 'pinned'> }) =>
  async (message: IncomingMessage): Promise<string | undefined> => {
    const {
      chat: { id: chatId },
      sender,
    } = message;
    const username = sender.username === undefined ? {} : { username: sender.username };
    const pinnedUserId = sender.username === undefined ? undefined : await usernames.pinned(normaliseUsername(sender.username));
    const { allowed } = decideAccess(policy, message, pinnedUserId === undefined ? {} : { pinnedUserId });
    return allowed ? scopeOf(policy, { chatId, senderId: sender.id, ...username }).directory : undefined;
  };
