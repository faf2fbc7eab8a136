import { expect } from 'chai';
import { isPortError } from '../../../../src/ports/index.ts';
import { makeFixedClock, numberIn, telegramChat } from '../../../../src/testing/index.ts';
import {
  ACCOUNT,
  ANN,
  answer,
  BEN,
  BOT,
  delivered,
  groupId,
  type Life,
  numberOf,
  onStage,
  replyTo,
  type Stage,
  SUPERGROUP,
  supergroupId,
} from '../gateway-stage.ts';

const calls = ({ server }: Stage, ...methods: readonly string[]): number =>
  server.calls.items.filter(({ method }) => methods.includes(method)).length;
const lookedUp = (stage: Stage): number => calls(stage, 'updates.getState', 'updates.getDifference', 'updates.getChannelDifference');

const heard = async ({ server }: Stage, life: Life, chat: number, text: string, to = BOT): Promise<number> => {
  server.world.sendMessage({ from: ANN, chat: chat === ANN ? to : chat, text });
  await life.untilReceived(text);
  return numberOf(life, text);
};

describe('A send to a supergroup that is answered in the short form', () => {
  it('counts in the group’s stream, and not in the account’s, also where the numbers would fit there', () =>
    onStage({ timing: { gapPatienceMs: 10 } }, async (stage) => {
      stage.server.answerShortlyInSupergroups();
      const life = await stage.start();
      for (const text of ['one', 'two']) await heard(stage, life, ANN, text);
      for (const text of ['super one', 'super two']) await heard(stage, life, supergroupId, text);
      const before = lookedUp(stage);
      expect(await delivered(life, answer(supergroupId, 'Done.'))).to.equal(stage.server.sent.items[0]?.id);
      for (const text of ['three', 'four']) await heard(stage, life, ANN, text);
      for (const text of ['super three', 'super four']) await heard(stage, life, supergroupId, text);
      expect(lookedUp(stage)).to.equal(before);
    }));
});

describe('A reply that Telegram does not take as one', () => {
  for (const error of [
    'REPLY_MESSAGE_ID_INVALID',
    'MSG_ID_INVALID',
    'MESSAGE_ID_INVALID',
    'REPLY_TO_INVALID',
    'REPLY_TO_USER_INVALID',
    'REPLY_MESSAGES_TOO_MUCH',
    'TOPIC_CLOSED',
    'TOPIC_DELETED',
  ])
    it(`(${error}) is sent without the reply; what replies to nothing is refused`, () =>
      onStage({}, async (stage) => {
        const life = await stage.start();
        const question = await heard(stage, life, supergroupId, 'a question');
        stage.server.faults.fail('messages.sendMessage', error);
        await life.gateway.send(answer(supergroupId, 'the answer', replyTo(question)));
        expect(stage.server.sent.items.map(({ text, replyTo }) => [text, replyTo])).to.deep.equal([['the answer', undefined]]);
        stage.server.faults.fail('messages.sendMessage', error);
        const failure = await life.gateway.send(answer(supergroupId, 'by the way')).catch((thrown: unknown) => thrown);
        expect(isPortError(failure) && failure.code).to.equal('invalid-request');
      }));
});

describe('A reaction that a group does not allow', () => {
  it('is tried once, and not again for each message; other chats get theirs', () =>
    onStage({}, async (stage) => {
      const { world } = stage.server;
      world.allowReactions(supergroupId, ['👍']);
      const life = await stage.start();
      const outcomes: string[] = [];
      for (const chat of [supergroupId, supergroupId, groupId]) {
        await heard(stage, life, chat, `number ${outcomes.length}`);
        const {
          chat: { id: chatId },
          messageId,
        } = life.received[outcomes.length] ?? expect.fail('nothing was received');
        const failure = await life.gateway.acknowledge(chatId, messageId).catch((error: unknown) => error);
        outcomes.push(isPortError(failure) ? failure.code : 'ok');
      }
      expect(outcomes).to.deep.equal(['invalid-request', 'ok', 'ok']);
      expect(calls(stage, 'messages.sendReaction')).to.equal(2);
      expect(stage.server.reactions.items.map(({ chat }) => chat)).to.deep.equal([groupId]);
    }));
});

describe('What a person’s account answers', () => {
  const READS = ['messages.readHistory', 'channels.readHistory'];

  it('is marked as read, a whole chat by one call, and leaves no hole', () => {
    const clock = makeFixedClock();
    return onStage({ account: 'user', clock }, async (stage) => {
      const { world } = stage.server;
      const life = await stage.start();
      for (const chat of [ANN, groupId, supergroupId])
        for (const at of [1, 2, 3]) await heard(stage, life, chat, `${at} in ${chat}`, ACCOUNT);
      const before = lookedUp(stage);
      for (const {
        chat: { id: chatId },
        messageId,
      } of life.received)
        await life.gateway.acknowledge(chatId, messageId);
      expect(calls(stage, ...READS)).to.equal(0);
      clock.advance(5_000);
      await life.until(
        'they are read',
        () => stage.server.calls.items.filter((c) => READS.includes(c.method) && c.outcome === 'ok').length === 3,
      );
      for (const chat of [ANN, groupId, supergroupId]) {
        const newest = life.received.findLast((message) => message.chat.id === telegramChat(chat));
        expect(world.state.mailboxes.get(ACCOUNT)?.read.get(chat), `chat ${chat}`).to.equal(newest && numberIn(newest.messageId));
        await heard(stage, life, chat, `4 in ${chat}`, ACCOUNT);
      }
      expect([calls(stage, ...READS), lookedUp(stage)]).to.deep.equal([3, before]);
    });
  });

  it('is marked when a flood wait is over', () => {
    const clock = makeFixedClock();
    return onStage({ account: 'user', clock }, async (stage) => {
      const life = await stage.start();
      await heard(stage, life, ANN, 'hello', ACCOUNT);
      const {
        chat: { id: chatId },
        messageId,
      } = life.received[0] ?? expect.fail('nothing was received');
      stage.server.faults.fail('messages.readHistory', 'FLOOD_WAIT_20');
      await life.gateway.acknowledge(chatId, messageId);
      clock.advance(5_000);
      await life.until('it was refused', () => life.lines.some(({ message }) => message === 'a chat could not be marked as read'));
      clock.advance(20_000);
      await life.until('it is read', () => stage.server.world.state.mailboxes.get(ACCOUNT)?.read.get(ANN) === numberIn(messageId));
      expect(calls(stage, ...READS)).to.equal(2);
    });
  });

  it('is no call of a bot’s: nobody sees what it has read', () => {
    const clock = makeFixedClock();
    return onStage({ clock }, async (stage) => {
      const life = await stage.start();
      await heard(stage, life, ANN, 'hello');
      for (const {
        chat: { id: chatId },
        messageId,
      } of life.received)
        await life.gateway.acknowledge(chatId, messageId);
      clock.advance(5_000);
      await heard(stage, life, ANN, 'hello again');
      expect(calls(stage, ...READS)).to.equal(0);
    });
  });
});

describe('One group that is silent', () => {
  const MINUTE = 60_000;
  /** A process that knows two groups, `supergroupId` and a lively one, and asks for its state every so many ms. */
  const withGroups = (
    probeIntervalMs: number,
    use: (stage: Stage, life: Life, pass: (ms: number, among?: 'talk' | 'silence') => Promise<void>) => Promise<void>,
  ): Promise<void> => {
    const clock = makeFixedClock();
    return onStage({ clock, timing: { probeIntervalMs, groupRoundMs: 1 } }, async (stage) => {
      const life = await stage.start();
      // Its messages bring their people along: no difference is asked for, which would name the silent group.
      const lively = stage.server.world.addSupergroup({ id: SUPERGROUP + 1, title: 'Lively', members: [ANN, BOT] });
      for (const text of ['super one', 'super two']) await heard(stage, life, supergroupId, text);
      await use(stage, life, async (ms, among = 'talk') => {
        for (let passed = 0; passed < ms; passed += probeIntervalMs) {
          const before = calls(stage, 'updates.getState');
          clock.advance(probeIntervalMs);
          await life.until('a probe', () => calls(stage, 'updates.getState') > before);
          // Behind what is answered later, the answer to the probe has come: the next one is armed.
          if (among === 'talk') await heard(stage, life, lively.markedId, `at ${clock.now()}`);
          else await life.gateway.pingServer();
        }
      });
    });
  };
  const lose = ({ server: { faults, world } }: Stage): void => {
    faults.withholdUpdates(1);
    world.sendMessage({ from: BEN, chat: supergroupId, text: 'never pushed' });
  };

  it('while others talk is asked after 15 minutes whether it is: Telegram may not push all of a large group', () =>
    withGroups(MINUTE / 2, async (stage, life, pass) => {
      await pass(MINUTE / 2);
      lose(stage);
      await pass(14 * MINUTE);
      expect(life.texts()).to.not.include('never pushed');
      await pass(1.5 * MINUTE);
      await life.untilReceived('never pushed');
    }));

  it('for long, and asked seldom, is asked as soon as all others are silent for 15 minutes', () =>
    withGroups(5 * MINUTE, async (stage, life, pass) => {
      await pass(60 * MINUTE);
      lose(stage);
      await pass(15 * MINUTE);
      expect(life.texts(), 'asked every hour by now').to.not.include('never pushed');
      await pass(20 * MINUTE, 'silence');
      await life.untilReceived('never pushed');
    }));
});
