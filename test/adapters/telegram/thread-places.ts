import { isPortError } from '../../../src/ports/index.ts';
import { numberIn, telegramChat } from '../../../src/testing/index.ts';
import type { Message, RecordedCall, Topic } from '../../fakes/telegram/index.ts';
import { int, isTlObject, optional } from '../../fakes/telegram/tl/value.ts';
import { ANN, answer, BEN, BOT, type Life, type Stage, supergroupId } from './gateway-stage.ts';

/** A thread, and how people write in it. */
export interface Threaded {
  /** The marked id of its room, as the bot sees it. */
  readonly room: number;
  /** The number of the message that it starts with, as the bot sees it. */
  readonly thread: number;
  say(text: string, from?: number): Message;
}

const CHANNEL = 1_500_000_099;

/** A new topic of the group; the first call makes the group a forum. */
export const forumTopic = ({ server: { world } }: Stage, title = 'Deploys'): Threaded & { readonly topic: Topic } => {
  if (!world.state.groups.get(supergroupId)?.topics) {
    // No topic has the number of General: in life a group's first message tells that it was made.
    world.sendMessage({ from: BEN, chat: supergroupId, action: { _: 'messageActionChannelCreate', title: 'Super' } });
    world.makeForum(supergroupId);
  }
  const topic = world.createTopic({ from: ANN, chat: supergroupId, title });
  return {
    topic,
    room: supergroupId,
    thread: world.topicId(topic, BOT),
    say: (text, from = ANN) => world.sendMessage({ from, chat: supergroupId, text, topic }),
  };
};

/** A post of a channel, and the comments on it. `post` is the copy of it that the group has. */
export const comments = ({ server: { world } }: Stage, text = 'a post'): Threaded & { readonly post: Message } => {
  const known = [...world.state.groups.values()].find(({ id }) => id === CHANNEL);
  const channel = known ?? world.addChannel({ id: CHANNEL, title: 'News', members: [BEN] });
  world.discuss(supergroupId, channel.markedId);
  const original = world.sendMessage({ from: BEN, chat: channel.markedId, text });
  const post = world.history(BOT, supergroupId).find(({ forwardOf }) => forwardOf === original);
  if (!post) throw new Error('the post did not come into the group');
  return {
    post,
    room: supergroupId,
    thread: world.messageId(post, BOT),
    say: (words, from = ANN) => world.sendMessage({ from, chat: supergroupId, text: words, replyTo: post }),
  };
};

/** A topic of Ann's chat with the bot. */
export const privateTopic = ({ server: { world } }: Stage, title = 'Deploys'): Threaded => {
  world.sendMessage({ from: ANN, chat: BOT, action: { _: 'messageActionContactSignUp' } });
  Object.assign(world.state.users.get(BOT) ?? {}, { hasTopics: true });
  const topic = world.createTopic({ from: ANN, chat: BOT, title });
  return {
    room: ANN,
    thread: world.topicId(topic, BOT),
    say: (text) => world.sendMessage({ from: ANN, chat: BOT, text, topic }),
  };
};

export const THREADS: readonly (readonly [name: string, make: (stage: Stage) => Threaded])[] = [
  ['a topic of a forum', forumTopic],
  ['the comments on a post', comments],
  ['a topic of a private chat', privateTopic],
];

export const chatOf = ({ room, thread }: Threaded) => telegramChat(room, thread);

/** Says it there, and waits until it has come in; gives its number. */
export const heardIn = async (life: Life, where: Threaded, text: string): Promise<number> => {
  where.say(text);
  await life.untilReceived(text);
  const message = life.received.findLast((each) => each.text === text);
  return message ? numberIn(message.messageId) : 0;
};

/** An answer to send there. */
export const answerIn = (where: Threaded, text: string, more: Parameters<typeof answer>[2] = {}): ReturnType<typeof answer> =>
  answer(where.room, text, { chatId: chatOf(where), ...more });

/** As the outbox does it: again, until all parts are delivered. Gives the number of the first. */
export const deliveredInParts = async (life: Life, message: ReturnType<typeof answer>): Promise<number | undefined> => {
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      const id = await life.gateway.send(message);
      return id && numberIn(id);
    } catch (error) {
      if (!isPortError(error) || !error.retryable) throw error;
      await life.until('connected', () => life.gateway.health().status === 'ok');
    }
  }
  throw new Error('never delivered');
};

/** What a recorded call names as the place of its message: what it replies to, and the thread. */
export const placeNamed = ({ request }: RecordedCall): readonly [replyTo: number | undefined, thread: number | undefined] => {
  const { replyTo } = request;
  return isTlObject(replyTo) ? [int(replyTo, 'replyToMsgId'), optional(int, replyTo, 'topMsgId')] : [undefined, undefined];
};

/** The successful calls of these methods, in order. */
export const callsOf = ({ server }: Stage, ...methods: readonly string[]): readonly RecordedCall[] =>
  server.calls.items.filter(({ method, outcome }) => methods.includes(method) && outcome === 'ok');

/** What the bot has said in a room, with the thread that it stands in. */
export const saidBy = ({ server: { world } }: Stage, room: number): readonly (readonly [text: string, thread: number | undefined])[] =>
  world
    .history(BOT, room)
    .filter(({ from, action }) => from === BOT && !action)
    .map((message) => [message.text, message.thread && world.messageId(message.thread, BOT)]);
