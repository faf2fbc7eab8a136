import { expect } from 'chai';
import { isPortError } from '../../../../src/ports/index.ts';
import { ANN, onStage, replyTo, type Stage, supergroupId } from '../gateway-stage.ts';
import { answerIn, callsOf, comments, deliveredInParts, forumTopic, heardIn, placeNamed, saidBy, type Threaded } from '../thread-places.ts';

const LONG = ['first', 'second'].map((word) => `${word} ${'x'.repeat(3_990)}`).join('\n\n');

const CLOSED = ({ thread }: Threaded): string =>
  `(This belongs in a topic that is closed: https://t.me/c/${-supergroupId - 1_000_000_000_000}/${thread}.)`;
const GONE = '(This belongs in a topic or thread that is no longer there.)';

const general = ({ server: { world } }: Stage) => {
  const topic = world.state.groups.get(supergroupId)?.topics?.find(({ root }) => !root);
  if (!topic) throw new Error('there is no General');
  return topic;
};

/** The beginnings of what the bot has said in the group, with the thread of each. */
const beginnings = (stage: Stage) => saidBy(stage, supergroupId).map(([text, thread]) => [text.slice(0, 6), thread] as const);

describe('A topic that takes no messages', () => {
  it('has its answer in General, once, with a first line that says where it belongs', () =>
    onStage({}, async (stage) => {
      const topic = forumTopic(stage);
      const life = await stage.start();
      const question = await heardIn(life, topic, 'a question');
      stage.server.world.editTopic(topic.topic, { closed: true });
      const message = answerIn(topic, 'It is *forty-two*.', replyTo(question));
      const id = await deliveredInParts(life, message);
      expect(saidBy(stage, supergroupId)).to.deep.equal([[`${CLOSED(topic)}\n\nIt is forty-two.`, undefined]]);
      expect(id).to.equal(stage.server.sent.items[0]?.id);
      expect(await deliveredInParts(life, message), 'each repeat gives the same number').to.equal(id);
      expect(stage.server.sent.items).to.have.length(1);
      expect(life.lines.some(({ message: line }) => line.startsWith('a topic or thread takes no messages'))).to.equal(true);
    }));

  it('has all parts of a long answer in General', () =>
    onStage({}, async (stage) => {
      const topic = forumTopic(stage);
      const life = await stage.start();
      await heardIn(life, topic, 'a question');
      stage.server.world.editTopic(topic.topic, { closed: true });
      await deliveredInParts(life, answerIn(topic, LONG));
      expect(beginnings(stage)).to.deep.equal([
        ['(This ', undefined],
        ['second', undefined],
      ]);
      expect(callsOf(stage, 'messages.sendMessage').map(placeNamed)).to.deep.equal([
        [undefined, undefined],
        [undefined, undefined],
      ]);
    }));

  it('keeps no half of an answer whose other half it refuses: all of it is in General', () =>
    onStage({}, async (stage) => {
      const topic = forumTopic(stage);
      const life = await stage.start();
      await heardIn(life, topic, 'a question');
      const message = answerIn(topic, LONG);
      const first = await life.gateway.send(message).catch((error: unknown) => error);
      expect(isPortError(first) && first.code).to.equal('rate-limited');
      expect(beginnings(stage)).to.deep.equal([['first ', topic.thread]]);
      stage.server.world.editTopic(topic.topic, { closed: true });
      await deliveredInParts(life, message);
      expect(beginnings(stage)).to.deep.equal([
        ['(This ', undefined],
        ['second', undefined],
      ]);
    }));

  it('keeps no draft of the answer', () =>
    onStage({}, async (stage) => {
      const topic = forumTopic(stage);
      const life = await stage.start();
      await heardIn(life, topic, 'a question');
      const message = answerIn(topic, LONG);
      await life.gateway.showDraft({ ...message, text: 'first' });
      stage.server.world.editTopic(topic.topic, { closed: true });
      await deliveredInParts(life, message);
      await life.gateway.showDraft({ ...message, text: 'late' });
      expect(beginnings(stage)).to.deep.equal([
        ['(This ', undefined],
        ['second', undefined],
      ]);
    }));

  for (const [when, reopened] of [
    ['before', true],
    ['before', false],
    ['after', true],
    ['after', false],
  ] as const)
    it(`has its answer in General alone, where a process is killed ${when} it has sent that${reopened ? ', and it is open again' : ''}`, () =>
      onStage({}, async (stage) => {
        const topic = forumTopic(stage);
        const first = await stage.start();
        await heardIn(first, topic, 'a question');
        stage.server.world.editTopic(topic.topic, { closed: true });
        const message = answerIn(topic, LONG);
        stage.server.faults.fail('messages.sendMessage', 'TOPIC_CLOSED');
        if (when === 'before') stage.server.faults.cutBefore('messages.sendMessage');
        else stage.server.faults.cutAfter('messages.sendMessage');
        await first.gateway.send(message).catch(() => undefined);
        await stage.stop(first);
        if (reopened) stage.server.world.editTopic(topic.topic, { closed: false });
        const second = await stage.start();
        await second.until('connected', () => second.gateway.health().status === 'ok');
        await second.gateway.showDraft({ ...message, text: 'first' });
        await deliveredInParts(second, message);
        expect(beginnings(stage)).to.deep.equal([
          ['(This ', undefined],
          ['second', undefined],
        ]);
      }));

  it('keeps an answer that had arrived before it was closed, though the word of it was lost', () =>
    onStage({}, async (stage) => {
      stage.server.rules.namesSent = false;
      const topic = forumTopic(stage);
      const life = await stage.start();
      await heardIn(life, topic, 'a question');
      stage.server.faults.cutAfter('messages.sendMessage');
      const message = answerIn(topic, 'Done.');
      await life.gateway.send(message).catch(() => undefined);
      await life.until('connected', () => life.gateway.health().status === 'ok');
      stage.server.world.editTopic(topic.topic, { closed: true });
      // Telegram looks at the topic before it looks for a repeat.
      stage.server.faults.fail('messages.sendMessage', 'TOPIC_CLOSED');
      await deliveredInParts(life, message);
      expect(saidBy(stage, supergroupId)).to.deep.equal([['Done.', topic.thread]]);
    }));

  it('has its answer given up, with the reason, where General takes none either', () =>
    onStage({}, async (stage) => {
      const topic = forumTopic(stage);
      const life = await stage.start();
      await heardIn(life, topic, 'a question');
      const message = answerIn(topic, LONG);
      await life.gateway.send(message).catch(() => undefined);
      stage.server.world.editTopic(topic.topic, { closed: true });
      stage.server.world.editTopic(general(stage), { closed: true }, ANN);
      const failure = await life.gateway.send(message).catch((error: unknown) => error);
      expect(failure).to.deep.include({ code: 'invalid-request', retryable: false, message: 'Telegram: TOPIC_CLOSED' });
      expect(saidBy(stage, supergroupId)).to.deep.equal([]);
    }));

  for (const error of ['TOPIC_DELETED', 'TOPIC_ID_INVALID', 'MSG_ID_INVALID'])
    it(`is no longer there by ${error}: its answer is in General, once`, () =>
      onStage({}, async (stage) => {
        const topic = forumTopic(stage);
        const life = await stage.start();
        const question = await heardIn(life, topic, 'a question');
        const message = answerIn(topic, 'Done.', replyTo(question));
        stage.server.faults.fail('messages.sendMessage', error, error === 'MSG_ID_INVALID' ? 2 : 1);
        await deliveredInParts(life, message);
        await deliveredInParts(life, message);
        expect(saidBy(stage, supergroupId)).to.deep.equal([[`${GONE}\n\nDone.`, undefined]]);
      }));

  it('that was deleted has its answer in General', () =>
    onStage({}, async (stage) => {
      const topic = forumTopic(stage);
      const life = await stage.start();
      const question = await heardIn(life, topic, 'a question');
      stage.server.world.deleteTopic(topic.topic);
      await deliveredInParts(life, answerIn(topic, 'Done.', replyTo(question)));
      expect(saidBy(stage, supergroupId)).to.deep.equal([[`${GONE}\n\nDone.`, undefined]]);
    }));
});

describe('Comments on a post that was deleted', () => {
  it('are answered in the group itself, once, with a first line that says where the answer belongs', () =>
    onStage({}, async (stage) => {
      const where = comments(stage);
      const life = await stage.start();
      const question = await heardIn(life, where, 'a question');
      stage.server.world.deleteMessages(where.post);
      const message = answerIn(where, LONG, replyTo(question));
      await deliveredInParts(life, message);
      expect(beginnings(stage)).to.deep.equal([
        ['(This ', undefined],
        ['second', undefined],
      ]);
    }));
});
