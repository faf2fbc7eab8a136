import { readFile, writeFile } from 'node:fs/promises';
import type { Message, SentMessage, Topic } from '../fakes/telegram/index.ts';
import { ADA, BOT, DEV_GROUP, GRACE, STRANGER, type TelegramSite } from './telegram-site.ts';

/** A forum, a group that discusses a channel, and the channel. Every message in the two groups is answered. */
export const FORUM = -1_001_500_002_100;
export const COMMENTS = -1_001_500_002_200;
export const CHANNEL = -1_001_500_002_300;

const idOf = (markedId: number): number => -markedId - 1_000_000_000_000;

export interface Threads {
  /** Two topics of the forum. */
  readonly garden: Topic;
  readonly kitchen: Topic;
}

/** Adds forum, group, channel and private topics to the site and its configuration, before Kept is started. */
export const addThreads = async (site: TelegramSite): Promise<Threads> => {
  const { world } = site.server;
  const members = [ADA, BOT, GRACE, STRANGER];
  world.addForum({ id: idOf(FORUM), title: 'Forum', members });
  world.addSupergroup({ id: idOf(COMMENTS), title: 'Comments', members });
  world.addChannel({ id: idOf(CHANNEL), title: 'News', members: [ADA] });
  world.discuss(COMMENTS, CHANNEL);
  const bot = world.state.users.get(BOT);
  if (bot) bot.hasTopics = true;
  // Private chats begin with this, so that no topic has the id 1.
  world.sendMessage({ from: ADA, chat: BOT, text: '/start' });
  const path = site.env.KEPT_CONFIG as string;
  const config = JSON.parse(await readFile(path, 'utf8'));
  config.workspaces['Acme Dev'].telegram_chat_ids = [DEV_GROUP, FORUM, COMMENTS].map(String);
  for (const group of [FORUM, COMMENTS]) config.telegram_groups[group] = 'Acme Dev';
  await writeFile(path, JSON.stringify(config));
  const create = (title: string): Topic => world.createTopic({ from: ADA, chat: FORUM, title });
  return { garden: create('Garden'), kitchen: create('Kitchen') };
};

/** A place where a conversation is held: a topic, or the comments below a post. */
export interface Thread {
  readonly chat: number;
  /** The message that it starts with, as the bot numbers it. */
  readonly id: number;
  say(text: string): Message;
}

export const topicThread = ({ server: { world } }: TelegramSite, topic: Topic): Thread => ({
  chat: FORUM,
  id: world.topicId(topic, BOT),
  say: (text) => world.sendMessage({ from: ADA, chat: FORUM, text, topic }),
});

/** A new topic of Ada's private chat with the bot. */
export const privateThread = ({ server: { world } }: TelegramSite, title: string): Thread => {
  const topic = world.createTopic({ from: ADA, chat: BOT, title });
  return {
    chat: ADA,
    id: world.topicId(topic, BOT),
    say: (text) => world.sendMessage({ from: ADA, chat: BOT, text, topic }),
  };
};

/** The comments below a new post of the channel. */
export const commentThread = ({ server: { world } }: TelegramSite, post: string): Thread => {
  const posted = world.sendMessage({ from: ADA, chat: CHANNEL, text: post });
  const copy = world.history(BOT, COMMENTS).find(({ forwardOf }) => forwardOf === posted);
  if (!copy) throw new Error(`the post was not forwarded: ${post}`);
  return {
    chat: COMMENTS,
    id: world.messageId(copy, BOT),
    say: (text) => world.sendMessage({ from: GRACE, chat: COMMENTS, text, replyTo: copy }),
  };
};

/** All that the bot has sent in that thread. */
export const sentIn = ({ server: { sent } }: TelegramSite, thread: Thread): readonly SentMessage[] =>
  sent.items.filter((item) => isIn(item, thread));

export const isIn = (item: Pick<SentMessage, 'chat' | 'thread'>, { chat, id }: Thread): boolean => item.chat === chat && item.thread === id;

/** Throws if the bot has sent or typed anything in the rooms of these threads, but outside of the threads. */
export const assertNothingElsewhere = ({ server }: TelegramSite, threads: readonly Thread[]): void => {
  const rooms = new Set(threads.map(({ chat }) => chat));
  const isElsewhere = (item: Pick<SentMessage, 'chat' | 'thread'>): boolean =>
    rooms.has(item.chat) && !threads.some((thread) => isIn(item, thread));
  const astray = [...server.sent.items, ...server.typing.items].filter(isElsewhere);
  if (astray.length > 0)
    throw new Error(
      `outside of the threads: ${JSON.stringify(astray.map((item) => ['text' in item ? item.text.slice(0, 60) : 'typing', item.chat, item.thread]))}`,
    );
};

/** The messages of the bot in that thread as they are now, after edits, oldest first. */
export const saidIn = ({ server: { world } }: TelegramSite, { chat, id }: Thread): readonly Message[] =>
  world
    .history(BOT, chat)
    .filter(({ from, deleted, thread }) => from === BOT && !deleted && thread !== undefined && world.messageId(thread, BOT) === id);
