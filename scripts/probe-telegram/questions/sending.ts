import { returnBigInt } from 'telegram/Helpers.js';
import { Api } from 'telegram/tl/index.js';
import { present } from '../../../src/domain/shared/present.ts';
import type { Account } from '../account.ts';
import { type Context, type Question, Skip, wordsOf } from '../context.ts';
import { asBot, channelOf, randomId, say, sentId } from '../groups.ts';

const MINUTE_MS = 60_000;
const SELF = new Api.InputPeerSelf();

/** The outcome of a call that can be refused. */
const outcomeOf = async (
  context: Context,
  call: () => Promise<Api.TypeUpdates>,
): Promise<{ readonly words: string; readonly shape?: unknown }> => {
  try {
    const result = await call();
    return { words: 'sent', shape: context.shape(result) };
  } catch (error) {
    return { words: wordsOf(error) };
  }
};

const spanOf = (ms: number): string => (ms < 60 * MINUTE_MS ? `${ms / MINUTE_MS} min` : `${ms / (60 * MINUTE_MS)} h`);

/** A message that this run and later ones repeat under its random id. */
interface Repeated {
  readonly randomId: string;
  readonly id: number;
  readonly at: number;
  readonly outcomes: Readonly<Record<string, string>>;
}

const REPEATED = 'repeated';

const repeat = async (person: Account, { randomId: known, id }: Repeated): Promise<string> => {
  try {
    const again = await say(person, SELF, 'kept probe: the same random id', { randomId: returnBigInt(known) });
    return again.id === id ? 'answered with the first message' : 'a second message was sent';
  } catch (error) {
    return wordsOf(error);
  }
};

export const repeats: Question = {
  number: 7,
  title: 'For how long is a random id remembered, and how is a repeat answered?',
  ask: async (context) => {
    const person = await context.account('person');
    const stored = await context.memory.get(REPEATED);
    let message: Repeated;
    if (stored) message = JSON.parse(stored);
    else {
      const id = randomId();
      const sent = await say(person, SELF, 'kept probe: the same random id', { randomId: id });
      message = { randomId: String(id), id: sent.id, at: Date.now(), outcomes: {} };
    }
    const [first = 0] = context.pace.repeatAfterMs;
    const waitMs = message.at + first - Date.now();
    if (waitMs > 0) await context.prompts.wait(waitMs);
    for (const afterMs of context.pace.repeatAfterMs)
      if (Date.now() - message.at >= afterMs && message.outcomes[spanOf(afterMs)] === undefined) {
        const outcome = await repeat(person, message);
        message = { ...message, outcomes: { ...message.outcomes, [spanOf(afterMs)]: outcome } };
      }
    await context.memory.set(new Map([[REPEATED, JSON.stringify(message)]]));
    const left = context.pace.repeatAfterMs.filter((afterMs) => message.outcomes[spanOf(afterMs)] === undefined).map(spanOf);
    const told = Object.entries(message.outcomes).map(([after, outcome]) => `after ${after}: ${outcome}`);
    return {
      answer: [...told, ...(left.length > 0 ? [`run this again ${left.join(' and ')} after the first run`] : [])].join('; '),
      evidence: message.outcomes,
      open: left.length > 0,
    };
  },
};

/**
 * The delays between a message and the cut of its connection. They grow until the server has the message and the client
 * has no reply.
 */
const CUTS_MS = [0, 5, 20, 50, 100];

export const lostReplies: Question = {
  number: 8,
  title: 'Does the next difference tell the updateMessageID of a message whose reply was lost?',
  ask: async (context) => {
    const person = await context.account('person');
    for (const afterMs of CUTS_MS) {
      const before = await person.call(new Api.updates.GetState());
      const id = randomId();
      const words = `kept probe: cut after ${afterMs} ms`;
      const reply = say(person, SELF, words, { randomId: id }).then(
        () => 'came',
        () => 'lost',
      );
      await context.prompts.wait(afterMs);
      await person.cut();
      await person.reopen();
      const difference = await person.call(new Api.updates.GetDifference(before));
      const messages = 'newMessages' in difference ? difference.newMessages : [];
      const updates = 'otherUpdates' in difference ? difference.otherUpdates : [];
      const arrived = messages.some((message) => message instanceof Api.Message && message.message === words);
      if ((await reply) === 'came' || !arrived) continue;
      const isNamed = updates.some((update) => update instanceof Api.UpdateMessageID && String(update.randomId) === String(id));
      return {
        answer: isNamed ? 'yes: the difference holds its updateMessageID' : 'no: the difference holds the message, and no updateMessageID',
        evidence: context.shape(difference),
      };
    }
    throw new Skip('no reply could be lost of a message that arrived: try again');
  },
};

const replyTo = (replyToMsgId: number, topMsgId?: number): Api.InputReplyToMessage =>
  new Api.InputReplyToMessage({ replyToMsgId, ...present({ topMsgId }) });

export const replies: Question = {
  number: 9,
  title: 'Where do replies go: to deleted messages, into topics with and without top_msg_id, into closed and deleted topics?',
  ask: async (context) => {
    const person = await context.account('person');
    const group = await context.groups.supergroup();
    const outcomes: Record<string, unknown> = {};
    const answers: string[] = [];
    const note = async (what: string, call: () => Promise<Api.TypeUpdates>): Promise<void> => {
      const { words, shape } = await outcomeOf(context, call);
      answers.push(`${what}: ${words}`);
      outcomes[what] = shape ?? words;
    };
    const { id } = await say(person, group, 'to be deleted');
    await person.call(new Api.channels.DeleteMessages({ channel: channelOf(group), id: [id] }));
    await note('a reply to a deleted message', async () => (await say(person, group, 'reply', { replyTo: replyTo(id) })).result);
    try {
      const forum = await context.groups.supergroup({ forum: true });
      const topic = sentId(await person.call(new Api.messages.CreateForumTopic({ peer: forum, title: 'Topic', randomId: randomId() })));
      const { id: inTopic } = await say(person, forum, 'in the topic', { replyTo: replyTo(topic) });
      const sendInto = async (reply?: Api.InputReplyToMessage): Promise<Api.TypeUpdates> =>
        (await say(person, forum, 'r', present({ replyTo: reply }))).result;
      await note('a reply into a topic without top_msg_id', () => sendInto(replyTo(inTopic)));
      await note('one with top_msg_id', () => sendInto(replyTo(inTopic, topic)));
      await note('one with top_msg_id 1', () => sendInto(replyTo(inTopic, 1)));
      await note('a message without reply in a forum', () => sendInto());
      await person.call(new Api.channels.DeleteMessages({ channel: channelOf(forum), id: [inTopic] }));
      await note('a reply to a deleted message with top_msg_id', () => sendInto(replyTo(inTopic, topic)));
      await note('a reply to a deleted message without top_msg_id', () => sendInto(replyTo(inTopic)));
      await person.call(new Api.messages.EditForumTopic({ peer: forum, topicId: topic, closed: true }));
      await note('a message of the creator in a closed topic', () => sendInto(replyTo(topic)));
      await person.call(new Api.messages.DeleteTopicHistory({ peer: forum, topMsgId: topic }));
      await note('a message in a deleted topic', () => sendInto(replyTo(topic)));
    } catch (error) {
      answers.push(`topics could not be tried: ${wordsOf(error)}`);
    }
    return { answer: answers.join('; '), evidence: outcomes };
  },
};

export const migrated: Question = {
  number: 10,
  title: 'What is answered to a message for a group that has become a supergroup?',
  ask: async (context) => {
    const [person, bot] = [await context.account('person'), await context.account('bot')];
    const group = await context.groups.basic(bot);
    const heard = await context.hear(bot, () => person.call(new Api.messages.MigrateChat({ chatId: group.chatId })));
    const asPerson = await outcomeOf(context, async () => (await say(person, group, 'to the old id')).result);
    const asTheBot = await outcomeOf(context, async () => (await say(bot, asBot(group), 'to the old id')).result);
    return {
      answer: `person: ${asPerson.words}; bot: ${asTheBot.words}; the bot was told: ${heard.map(({ className }) => className).join(', ') || 'nothing'}`,
      evidence: { person: asPerson, bot: asTheBot, toldTheBot: context.shape(heard) },
    };
  },
};
