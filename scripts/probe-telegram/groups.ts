import { randomBytes } from 'node:crypto';
import { returnBigInt } from 'telegram/Helpers.js';
import { Api } from 'telegram/tl/index.js';
import type { Account } from './account.ts';
import { Skip } from './context.ts';
import type { PeerKind } from './shapes.ts';

/** The groups that the probe makes for itself. */
export interface Groups {
  /** A basic group of the person and those members. */
  basic(...members: readonly Account[]): Promise<Api.InputPeerChat>;
  /** A supergroup of the person alone. */
  supergroup(options?: { readonly forum?: boolean }): Promise<Api.InputPeerChannel>;
  invite(group: Api.InputPeerChannel, ...members: readonly Account[]): Promise<void>;
}

const chatIn = (updates: unknown): Api.TypeChat | undefined => {
  if (updates instanceof Api.messages.InvitedUsers) return chatIn(updates.updates);
  return updates instanceof Api.Updates || updates instanceof Api.UpdatesCombined ? updates.chats[0] : undefined;
};

export const randomId = () => returnBigInt(randomBytes(8).readBigInt64LE().toString());

export const channelOf = ({ channelId, accessHash }: Api.InputPeerChannel): Api.InputChannel =>
  new Api.InputChannel({ channelId, accessHash });

/** The peer as a bot names it: by its id, without a hash. */
export const asBot = <P extends Api.TypeInputPeer>(peer: P): Api.TypeInputPeer =>
  peer instanceof Api.InputPeerChannel ? new Api.InputPeerChannel({ channelId: peer.channelId, accessHash: returnBigInt(0) }) : peer;

/** How an account names another one that has a username. */
const inputUser = async (from: Account, to: Account): Promise<Api.InputUser> => {
  if (!to.username) throw new Skip(`${to.role} has no username, by which others could find it`);
  const found = await from.call(new Api.contacts.ResolveUsername({ username: to.username }));
  const user = found.users.find((each) => Number(each.id) === to.id);
  if (!(user instanceof Api.User) || !user.accessHash) throw new Skip(`${to.role} can't be found by its username`);
  return new Api.InputUser({ userId: user.id, accessHash: user.accessHash });
};

/** The direct chat of the two, as the first one names it. */
export const directPeer = async (from: Account, to: Account): Promise<Api.InputPeerUser> => {
  const { userId, accessHash } = await inputUser(from, to);
  return new Api.InputPeerUser({ userId, accessHash });
};

export const makeGroups = (person: () => Promise<Account>, name: (kind: PeerKind, id: string, name: string) => void): Groups => {
  let made = 0;
  const title = (): string => {
    made += 1;
    return `Kept probe ${made}`;
  };
  return {
    basic: async (...members) => {
      const me = await person();
      const users = await Promise.all(members.map((member) => inputUser(me, member)));
      const chat = chatIn(await me.call(new Api.messages.CreateChat({ users, title: title() })));
      if (!(chat instanceof Api.Chat)) throw new Skip('Telegram made no basic group');
      name('chat', String(chat.id), `group ${made}`);
      return new Api.InputPeerChat({ chatId: chat.id });
    },
    supergroup: async ({ forum } = {}) => {
      const me = await person();
      const request = new Api.channels.CreateChannel({ megagroup: true, title: title(), about: '', ...(forum ? { forum } : {}) });
      const chat = chatIn(await me.call(request));
      if (!(chat instanceof Api.Channel) || !chat.accessHash) throw new Skip('Telegram made no supergroup');
      name('channel', String(chat.id), `supergroup ${made}`);
      return new Api.InputPeerChannel({ channelId: chat.id, accessHash: chat.accessHash });
    },
    invite: async (group, ...members) => {
      const me = await person();
      const users = await Promise.all(members.map((member) => inputUser(me, member)));
      await me.call(new Api.channels.InviteToChannel({ channel: channelOf(group), users }));
    },
  };
};

/** Sends a text. Resolves to its id and Telegram's whole answer. */
export const say = async (
  account: Account,
  peer: Api.TypeInputPeer,
  message: string,
  more: { readonly randomId?: ReturnType<typeof randomId>; readonly replyTo?: Api.TypeInputReplyTo } = {},
): Promise<{ readonly id: number; readonly result: Api.TypeUpdates }> => {
  const result = await account.call(new Api.messages.SendMessage({ peer, message, randomId: randomId(), noWebpage: true, ...more }));
  return { id: sentId(result), result };
};

export const sentId = (result: Api.TypeUpdates): number => {
  if (result instanceof Api.UpdateShortSentMessage) return result.id;
  const updates = result instanceof Api.Updates || result instanceof Api.UpdatesCombined ? result.updates : [];
  return updates.find((update) => update instanceof Api.UpdateMessageID)?.id ?? 0;
};
