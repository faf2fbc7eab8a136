import { type Group, type MtprotoServer, startMtprotoServer } from '../index.ts';
import { Api, bigInt, type ProductClient } from './clients.ts';

export const BOT = 7000;
export const ADA = 1001;
export const BOB = 1002;
/** A forum that Ada made. */
export const FORUM = -1_001_500_000_400;
/** An ordinary supergroup of the same people, which discusses the channel. */
export const GROUP = -1_001_500_000_500;
/** A channel of Ada's. */
export const CHANNEL = -1_001_500_000_600;
export const TEAM = -200;

export interface ThreadWorld {
  readonly server: MtprotoServer;
  readonly forum: Group;
}

/** Two people and a bot with private topics, in a forum, in a group that discusses a channel, and in a basic group. */
export const startThreads = async (): Promise<ThreadWorld> => {
  const server = await startMtprotoServer();
  const { world } = server;
  world.addUser({ id: BOT, username: 'kept_bot', isBot: true, hasTopics: true });
  world.addUser({ id: ADA, username: 'ada_lovelace', firstName: 'Ada' });
  world.addUser({ id: BOB, username: 'bob_builder', firstName: 'Bob' });
  const forum = world.addForum({ id: 1_500_000_400, title: 'Forum', username: 'the_forum', members: [ADA, BOB, BOT] });
  world.addSupergroup({ id: 1_500_000_500, title: 'Comments', username: 'the_comments', members: [ADA, BOB, BOT] });
  world.addChannel({ id: 1_500_000_600, title: 'News', username: 'the_news', members: [ADA, BOB] });
  world.discuss(GROUP, CHANNEL);
  world.addGroup({ id: 200, title: 'Team', members: [ADA, BOB, BOT] });
  return { server, forum };
};

/** How a bot names a supergroup. */
export const channelPeer = (markedId: number): Api.InputPeerChannel =>
  new Api.InputPeerChannel({ channelId: bigInt(String(-markedId - 1_000_000_000_000)), accessHash: bigInt(0) });

let lastRandomId = 0;

/** Sends a text, as a reply if one is given. */
export const send = async (
  { client }: ProductClient,
  peer: Api.TypeInputPeer,
  message: string,
  reply?: { readonly replyToMsgId: number; readonly topMsgId?: number },
): Promise<Api.TypeUpdates> => {
  lastRandomId += 1;
  const replyTo = reply && new Api.InputReplyToMessage(reply);
  return client.invoke(new Api.messages.SendMessage({ peer, message, randomId: bigInt(lastRandomId), ...(replyTo ? { replyTo } : {}) }));
};

/** The name of the error that a call is refused with. */
export const errorOf = async (work: Promise<unknown>): Promise<string> => {
  const failure: unknown = await work.then(
    () => 'no error',
    (error: unknown) => error,
  );
  return failure instanceof Error && 'errorMessage' in failure ? String(failure.errorMessage) : String(failure);
};

/** What a reply header says, without what is absent from it. */
export const headerOf = (message: unknown): Record<string, unknown> | undefined => {
  if (!(message instanceof Api.Message || message instanceof Api.MessageService)) throw new Error('no message');
  if (!(message.replyTo instanceof Api.MessageReplyHeader)) return undefined;
  const { forumTopic, replyToMsgId, replyToTopId } = message.replyTo;
  const said = Object.entries({ forumTopic, replyToMsgId, replyToTopId });
  return Object.fromEntries(said.filter(([, value]) => value !== undefined && value !== false && value !== null));
};

/** The newest message that an account was told of. */
export const newestOf = ({ updates }: ProductClient): Api.TypeMessage | undefined => {
  const update = updates.findLast((each) => each instanceof Api.UpdateNewChannelMessage || each instanceof Api.UpdateNewMessage);
  return update && 'message' in update && typeof update.message === 'object' ? (update.message as Api.TypeMessage) : undefined;
};
