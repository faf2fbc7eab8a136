import { expect } from 'chai';
import { telegramMessage } from '../../../../src/testing/index.ts';
import { int, optional } from '../../../fakes/telegram/tl/value.ts';
import { BEN, BOT, onStage, replyTo, supergroupId } from '../gateway-stage.ts';
import {
  answerIn,
  callsOf,
  chatOf,
  comments,
  deliveredInParts,
  forumTopic,
  heardIn,
  placeNamed,
  privateTopic,
  saidBy,
  THREADS,
} from '../thread-places.ts';

const SENDS = ['messages.sendMessage', 'messages.sendMedia'];
const LONG = ['first', 'second', 'third'].map((word) => `${word} ${'x'.repeat(3_990)}`).join('\n\n');
/** More than eight messages hold. */
const FILE = 'word '.repeat(10_000);

describe('An answer in a thread of a Telegram chat', () => {
  for (const [name, make] of THREADS) {
    it(`stays in ${name}: each of its parts, its file, its drafts and typing`, () =>
      onStage({}, async (stage) => {
        const where = make(stage);
        const { room, thread } = where;
        const life = await stage.start();
        const question = await heardIn(life, where, 'a question');
        expect(life.received.find(({ text }) => text === 'a question')?.chat.id).to.equal(chatOf(where));
        await life.gateway.showTyping(chatOf(where));
        const grown = answerIn(where, 'It is forty-two.', replyTo(question));
        await life.gateway.showDraft({ ...grown, text: 'It is' });
        await deliveredInParts(life, grown);
        await deliveredInParts(life, answerIn(where, LONG, replyTo(question)));
        await deliveredInParts(life, answerIn(where, FILE, replyTo(question)));
        await deliveredInParts(life, answerIn(where, 'the outcome of a promise'));
        expect(callsOf(stage, ...SENDS).map(placeNamed)).to.deep.equal([
          [question, thread],
          [question, thread],
          [thread, thread],
          [thread, thread],
          [question, thread],
          [thread, thread],
        ]);
        expect(callsOf(stage, 'messages.setTyping').map(({ request }) => optional(int, request, 'topMsgId'))).to.deep.equal([thread]);
        const said = saidBy(stage, room);
        expect(said.map(([text]) => text.slice(0, 6))).to.deep.equal(['It is ', 'first ', 'second', 'third ', 'word w', 'the ou']);
        expect(said.map(([, standsIn]) => standsIn)).to.deep.equal(said.map(() => thread));
      }));

    it(`stays in ${name} when the message that it answers is deleted meanwhile`, () =>
      onStage({}, async (stage) => {
        const where = make(stage);
        const life = await stage.start();
        const message = where.say('a question');
        await life.untilReceived('a question');
        const question = stage.server.world.messageId(message, BOT);
        stage.server.world.deleteMessages(message);
        await deliveredInParts(life, answerIn(where, 'the answer', replyTo(question)));
        expect(callsOf(stage, ...SENDS).map(placeNamed)).to.deep.equal([[question, where.thread]]);
        expect(saidBy(stage, where.room)).to.deep.equal([['the answer', where.thread]]);
      }));

    it(`stays in ${name} where Telegram refuses the reply`, () =>
      onStage({}, async (stage) => {
        const where = make(stage);
        const life = await stage.start();
        const question = await heardIn(life, where, 'a question');
        stage.server.faults.fail('messages.sendMessage', 'REPLY_MESSAGE_ID_INVALID');
        await deliveredInParts(life, answerIn(where, 'the answer', replyTo(question)));
        expect(callsOf(stage, ...SENDS).map(placeNamed)).to.deep.equal([[where.thread, where.thread]]);
        expect(saidBy(stage, where.room)).to.deep.equal([['the answer', where.thread]]);
      }));

    for (const repeats of ['error', 'original'] as const)
      it(`is found in ${name} when the word of it was lost, where repeats are answered with the ${repeats}`, () =>
        onStage({}, async (stage) => {
          stage.server.answerRepeatsWith(repeats);
          stage.server.rules.namesSent = false;
          const where = make(stage);
          const { world } = stage.server;
          const life = await stage.start();
          await heardIn(life, where, 'a question');
          stage.server.faults.cutAfter('messages.sendMessage');
          const message = answerIn(where, 'Done.');
          const id = await deliveredInParts(life, message);
          expect(world.message(BOT, where.room, id ?? 0)?.text).to.equal('Done.');
          expect(saidBy(stage, where.room)).to.deep.equal([['Done.', where.thread]]);
        }));
  }

  it('is not taken for one with the same words in another topic, or in General', () =>
    onStage({}, async (stage) => {
      stage.server.rules.namesSent = false;
      const [deploys, lunch] = [forumTopic(stage), forumTopic(stage, 'Lunch')];
      const { world } = stage.server;
      const life = await stage.start();
      await heardIn(life, deploys, 'a question');
      lunch.say('Done.', BOT);
      world.sendMessage({ from: BOT, chat: supergroupId, text: 'Done.' });
      stage.server.faults.cutAfter('messages.sendMessage');
      const id = await deliveredInParts(life, answerIn(deploys, 'Done.'));
      const [sent] = stage.server.sent.items;
      expect([id, sent?.thread]).to.deep.equal([sent?.id, deploys.thread]);
    }));

  it('can be edited, acknowledged and read like any other', () =>
    onStage({}, async (stage) => {
      for (const where of [forumTopic(stage), privateTopic(stage)]) {
        const life = await stage.start();
        const question = await heardIn(life, where, 'a question');
        const id = (await deliveredInParts(life, answerIn(where, '#1: waiting', replyTo(question)))) ?? 0;
        await life.gateway.acknowledge(chatOf(where), telegramMessage(question));
        expect(await life.gateway.edit(chatOf(where), telegramMessage(id), '#1: reading')).to.equal(true);
        expect(saidBy(stage, where.room)).to.deep.equal([['#1: reading', where.thread]]);
        expect(stage.server.reactions.items.at(-1)).to.deep.include({ chat: where.room, id: question });
        const reply = stage.server.world.history(BOT, where.room).find(({ text }) => text === 'a question');
        if (reply) stage.server.world.deleteMessages(reply);
        await stage.stop(life);
      }
    }));

  it('of a person’s account marks its thread as read, and no other', () =>
    onStage({ account: 'user', timing: { groupRoundMs: 1 } }, async (stage) => {
      const { world, calls } = stage.server;
      const topic = forumTopic(stage);
      const life = await stage.start();
      const question = await heardIn(life, topic, 'a question');
      world.sendMessage({ from: BEN, chat: supergroupId, text: 'in General' });
      await life.untilReceived('in General');
      await life.gateway.acknowledge(chatOf(topic), telegramMessage(question));
      const marked = await calls.until(({ method, outcome }) => /read(History|Discussion)/.test(method) && outcome === 'ok');
      expect(marked.method).to.equal('messages.readDiscussion');
      expect([int(marked.request, 'msgId'), int(marked.request, 'readMaxId')]).to.deep.equal([topic.thread, question]);
    }));
});

describe('Threads of a Telegram chat', () => {
  it('are chats apart: two topics, General, and comments on two posts', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      const posts = [comments(stage, 'one post'), comments(stage, 'another post')];
      const topics = [forumTopic(stage), forumTopic(stage, 'Lunch')];
      for (const [at, where] of [...posts, ...topics].entries()) await heardIn(life, where, `said ${at}`);
      stage.server.world.sendMessage({ from: BEN, chat: supergroupId, text: 'in General' });
      await life.untilReceived('in General');
      const chats = life.received.filter(({ text }) => /^said|General/.test(text)).map(({ chat }) => chat.id);
      expect(chats.slice(0, 4)).to.deep.equal([...posts, ...topics].map(chatOf));
      expect(new Set(chats).size).to.equal(5);
    }));

  it('are known by edits and deletions of what was said in them, also after a restart', () =>
    onStage({}, async (stage) => {
      const { world } = stage.server;
      for (const make of [comments, forumTopic, privateTopic]) {
        const where = make(stage);
        const first = await stage.start();
        const message = where.say('as it was said');
        await first.untilReceived('as it was said');
        await stage.stop(first);
        world.editMessage(message, 'as it is now');
        if (make === comments) world.deleteMessages(...world.history(BOT, supergroupId).filter(({ forwardOf }) => forwardOf));
        const second = await stage.start();
        await second.untilReceived('as it is now');
        expect(second.received.at(-1)).to.deep.include({ chat: first.received.at(-1)?.chat, edited: true });
        world.deleteMessages(message);
        await second.until('the deletion', () =>
          second.erased.some(({ messageIds }) => messageIds.includes(telegramMessage(world.messageId(message, BOT)))),
        );
        const { chat } = second.erased.at(-1) ?? {};
        expect(typeof chat === 'function' && chat(chatOf(where))).to.equal(true);
        await stage.stop(second);
      }
    }));
});
