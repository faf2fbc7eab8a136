import { Api } from 'telegram/tl/index.js';
import type { KeyValueState } from '../../../ports/index.ts';
import { portErrorOf } from '../client/errors.ts';
import { getMessages } from '../client/fetch-messages.ts';
import type { Call } from '../client/link.ts';
import type { Chats } from '../client/peer-ids.ts';
import type { Peers } from '../client/peers.ts';
import { CHAIN_PREFIX } from '../client/state-keys.ts';

/** A reply, by Telegram's numbers. */
export interface Reply {
  /** The room's marked id. */
  readonly room: number;
  readonly id: number;
  readonly to: number | undefined;
  /** What the chain of replies starts with. */
  readonly top: number;
}

/** Which replies are comments on a post of the channel that their group belongs to. */
export interface Comments {
  load(): Promise<void>;
  /** Whether the reply's chain starts with such a post. Rejects with PortError. */
  isComment(reply: Reply, chats: Chats): Promise<boolean>;
}

/** How many chains are remembered, of all groups together. */
const MAX_KNOWN = 5_000;

/**
 * A channel's posts come into its discussion group by themselves, as forwarded messages
 * (https://core.telegram.org/api/discussion). Only there is Telegram asked what a chain starts with, once for each: what
 * was found is stored, so that a message stays in its chat when the post is deleted.
 */
export const makeComments = ({
  state,
  call,
  peers,
}: {
  readonly state: KeyValueState;
  readonly call: Call;
  readonly peers: Pick<Peers, 'inputChannel' | 'chat'>;
}): Comments => {
  const known = new Map<string, boolean>();

  const remember = async (key: string, isPost: boolean): Promise<void> => {
    known.set(key, isPost);
    const [oldest] = known.keys();
    const forgotten = known.size > MAX_KNOWN && oldest !== undefined ? [[CHAIN_PREFIX + oldest, undefined] as const] : [];
    if (oldest !== undefined && forgotten.length > 0) known.delete(oldest);
    await state.set(new Map<string, string | undefined>([...forgotten, [CHAIN_PREFIX + key, String(isPost)]]));
  };

  /** What is replied to may be read by the reply, also by a bot that sees nothing else of the group. */
  const readTop = async ({ room, id, to, top }: Reply): Promise<Api.TypeMessage | undefined> => {
    const named = to === top ? new Api.InputMessageReplyTo({ id }) : new Api.InputMessageID({ id: top });
    return (await getMessages({ call, peers }, room, [named])).messages[0];
  };

  const ask = async (reply: Reply): Promise<boolean> => {
    try {
      const top = await readTop(reply);
      if (top && !(top instanceof Api.MessageEmpty)) return isChannelPost(top);
      // A bot may not see what a chain starts with: an answer that stays in the chain is right in either case.
      return reply.to !== reply.top;
    } catch (error) {
      const failure = portErrorOf(error);
      if (failure.code === 'invalid-request') return false;
      throw failure;
    }
  };

  return {
    load: async () => {
      for (const [key, isPost] of await state.list(CHAIN_PREFIX)) known.set(key.slice(CHAIN_PREFIX.length), isPost === 'true');
    },
    isComment: async (reply, chats) => {
      const { room, top } = reply;
      const key = `${room}/${top}`;
      const found = known.get(key);
      // First: an edit of a comment stays in its chat also where the group discusses the channel no more.
      if (found !== undefined) return found;
      const chat = chats.get(room) ?? peers.chat(room);
      if (!(chat instanceof Api.Channel && chat.hasLink)) return false;
      const isPost = await ask(reply);
      await remember(key, isPost);
      return isPost;
    },
  };
};

/** It was forwarded by the channel itself, and stands there in the channel's name. */
const isChannelPost = (message: Api.TypeMessage): boolean =>
  message instanceof Api.Message &&
  message.fromId instanceof Api.PeerChannel &&
  message.fwdFrom?.savedFromPeer instanceof Api.PeerChannel &&
  message.fwdFrom.savedFromPeer.channelId.equals(message.fromId.channelId);
