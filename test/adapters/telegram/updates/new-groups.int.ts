import { expect } from 'chai';
import { telegramChat } from '../../../../src/testing/index.ts';
import { ANN, BOT, type Life, onStage, type Stage, SUPERGROUP, supergroupId } from '../gateway-stage.ts';
import { numbers, say, sayInSupergroup } from './updates-stage.ts';

describe('Updates of a supergroup that is new to the gateway', () => {
  it('catches up on a supergroup that was never seen before the absence', () =>
    onStage({}, async (stage) => {
      const first = await stage.start();
      say(stage, 'hello');
      await first.untilReceived('hello');
      await stage.stop(first);
      sayInSupergroup(stage, 'you were away');
      const second = await stage.start();
      await second.untilReceived('you were away');
    }));

  it('delivers supergroup messages missed while offline even if getChannelDifference fails repeatedly', () => {
    let now = Math.floor(Date.now() / 1000);
    return onStage({ now: () => now }, async (stage) => {
      const first = await stage.start();
      say(stage, 'hello');
      await first.untilReceived('hello');
      await stage.stop(first);
      now += 60;
      sayInSupergroup(stage, 'you were away');
      now += 60;
      stage.server.faults.fail('updates.getChannelDifference', 'INTERNAL', 100);
      const second = await stage.start();
      await second.until('it failed', () => second.lines.some(({ message }) => message.startsWith('missed updates could not be fetched')));
      await stage.stop(second);
      stage.server.faults.clear();
      const third = await stage.start();
      await third.untilReceived('you were away');
    });
  });

  it('catches up on two unseen supergroups, even if the process ends in between', () => {
    let now = Math.floor(Date.now() / 1000);
    return onStage({ now: () => now }, async (stage) => {
      const { server } = stage;
      const other = server.world.addSupergroup({ id: SUPERGROUP + 1, title: 'Other', members: [ANN, BOT] });
      server.rules.channelsToo = true;
      // So many that it must be asked what came shortly before the first that is seen.
      for (const text of numbers(1, 60))
        for (const chat of [supergroupId, other.markedId]) server.world.sendMessage({ from: ANN, chat, text });
      now += 60;
      const first = await stage.start();
      say(stage, 'hello');
      await first.untilReceived('hello');
      await stage.stop(first);
      now += 60;
      sayInSupergroup(stage, 'one');
      server.world.sendMessage({ from: ANN, chat: other.markedId, text: 'two' });
      now += 60;
      const hold = server.faults.hold('updates.getChannelDifference');
      const second = await stage.start();
      await hold.held;
      await stage.stop(second);
      hold.release();
      const third = await stage.start();
      await third.untilReceived('one', 'two');
    });
  });

  it('loses no message of an unseen supergroup when the difference comes in slices', () => {
    let now = Math.floor(Date.now() / 1000);
    return onStage({ now: () => now }, async (stage) => {
      const first = await stage.start();
      say(stage, 'hello');
      await first.untilReceived('hello');
      await stage.stop(first);
      now += 60;
      sayInSupergroup(stage, 'you were away');
      now += 60;
      for (const text of ['one', 'two', 'three']) say(stage, text);
      stage.server.rules.limit = 2;
      const second = await stage.start();
      await second.untilReceived('one', 'two', 'three', 'you were away');
    });
  });

  it(`hands over an unseen supergroup's messages while a slice of the difference fails`, () => {
    let now = Math.floor(Date.now() / 1000);
    return onStage({ now: () => now }, async (stage) => {
      const { server } = stage;
      const life = await stage.start();
      say(stage, 'hello');
      await life.untilReceived('hello');
      server.faults.withholdUpdates();
      now += 60;
      sayInSupergroup(stage, 'never pushed');
      now += 60;
      for (const text of ['one', 'two', 'three']) say(stage, text);
      server.faults.clear();
      server.rules.limit = 2;
      const hold = server.faults.hold('updates.getDifference');
      server.faults.fail('updates.getDifference', 'INTERNAL');
      server.tellTooLong(BOT);
      await hold.held;
      hold.release();
      await life.untilReceived('one', 'two', 'three', 'never pushed');
    });
  });

  describe('The first message of a supergroup that Telegram tells of', () => {
    /** Nothing is being fetched any more, and Ann is known, so that what she says is not fetched either. */
    const upToDate = async (stage: Stage, life: Life): Promise<void> => {
      for (const text of ['hello', 'hello again']) {
        say(stage, text);
        await life.untilReceived(text);
      }
    };
    /** Telegram's clock, and a life that the account has led before the group is heard of. */
    const listening = (use: (stage: Stage, life: Life, later: () => void) => Promise<void>) => {
      let now = Math.floor(Date.now() / 1000);
      const later = (): void => {
        now += 60;
      };
      return onStage({ now: () => now }, async (stage) => {
        sayInSupergroup(stage, 'long before');
        later();
        const life = await stage.start();
        await upToDate(stage, life);
        later();
        await use(stage, life, later);
      });
    };
    const ofGroup = (life: Life) => life.received.filter(({ chat: { id } }) => id === telegramChat(supergroupId)).map(({ text }) => text);
    /** Lost on the way, with a direct message behind it: the account's own stream has moved on. */
    const lose = async (stage: Stage, life: Life, later: () => void, text: string): Promise<void> => {
      stage.server.faults.withholdUpdates(1);
      sayInSupergroup(stage, text);
      later();
      say(stage, 'and I');
      await life.untilReceived('and I');
      later();
    };

    it('is handed over behind all missed messages, even if it comes in before these are fetched', () =>
      listening(async (stage, life) => {
        await stage.server.goDown();
        await life.until('the loss is noticed', () => life.gateway.health().status === 'fail');
        sayInSupergroup(stage, ...numbers(1, 80));
        const hold = stage.server.faults.hold('users.getUsers');
        await stage.server.comeUp();
        await hold.held;
        sayInSupergroup(stage, 'and now');
        hold.release();
        await life.untilReceived('and now');
        expect(ofGroup(life)).to.deep.equal([...numbers(1, 80), 'and now']);
      }));

    it('is fetched if it was lost, when the second one comes; messages older than the account are not', () =>
      listening(async (stage, life, later) => {
        await lose(stage, life, later, 'one');
        sayInSupergroup(stage, 'two', 'three');
        await life.untilReceived('two', 'three');
        expect(ofGroup(life)).to.deep.equal(['one', 'two', 'three']);
      }));

    it('is fetched if it was lost, with all that were lost behind it', () =>
      listening(async (stage, life, later) => {
        stage.server.faults.withholdUpdates();
        sayInSupergroup(stage, ...numbers(1, 300));
        later();
        stage.server.faults.withholdUpdates(0);
        sayInSupergroup(stage, 'are you there?');
        await life.untilReceived('are you there?');
        expect(ofGroup(life)).to.deep.equal([...numbers(1, 300), 'are you there?']);
      }));

    it('is handed over in order if it comes after the second one', () =>
      listening(async (stage, life) => {
        stage.server.faults.reverseUpdates(2);
        sayInSupergroup(stage, 'one', 'two');
        await life.untilReceived('two');
        sayInSupergroup(stage, 'three');
        await life.untilReceived('three');
        expect(ofGroup(life)).to.deep.equal(['one', 'two', 'three']);
      }));

    it('is fetched if it was lost and a deletion shows that', () =>
      listening(async (stage, life, later) => {
        const { world } = stage.server;
        await lose(stage, life, later, 'one');
        world.deleteMessages(...world.history(ANN, supergroupId).slice(0, 1));
        await life.untilReceived('one');
        expect(ofGroup(life)).to.deep.equal(['one']);
      }));

    it('is fetched if it was lost right after the account was added; earlier messages are history', () =>
      listening(async (stage, life, later) => {
        stage.server.world.removeMember(supergroupId, BOT);
        sayInSupergroup(stage, 'among ourselves');
        later();
        stage.server.world.setMember(supergroupId, BOT);
        await lose(stage, life, later, 'welcome');
        sayInSupergroup(stage, 'are you there?');
        await life.untilReceived('are you there?');
        expect(ofGroup(life)).to.deep.equal(['welcome', 'are you there?']);
      }));

    it('is fetched by the next process if this one ends first', () =>
      listening(async (stage, life, later) => {
        await lose(stage, life, later, 'one');
        life.refuse = () => true;
        sayInSupergroup(stage, 'two');
        await life.until('a refusal', () => life.lines.some(({ message }) => message.startsWith('a message could not be received')));
        await stage.stop(life);
        later();
        const second = await stage.start();
        await second.untilReceived('one', 'two');
        expect(ofGroup(second)).to.deep.equal(['one', 'two']);
      }));

    it('is fetched until that succeeds, by the next process too', () =>
      listening(async (stage, life, later) => {
        await lose(stage, life, later, 'one');
        stage.server.faults.fail('updates.getChannelDifference', 'INTERNAL', 100);
        sayInSupergroup(stage, 'two');
        await life.until('it failed', () => life.lines.some(({ message }) => message.startsWith('missed updates could not be fetched')));
        await stage.stop(life);
        stage.server.faults.clear();
        later();
        const second = await stage.start();
        await second.untilReceived('one', 'two');
        expect(ofGroup(second)).to.deep.equal(['one', 'two']);
      }));

    for (const [error, texts, what] of [
      ['CHANNEL_PRIVATE', ['two', 'three'], 'go on from the second one, where Telegram tells of nothing before it'],
      ['PERSISTENT_TIMESTAMP_INVALID', ['one', 'two', 'three'], 'are asked for by number, where the place is not known'],
    ] as const)
      it(`was lost: the messages ${what}`, () =>
        listening(async (stage, life, later) => {
          await lose(stage, life, later, 'one');
          stage.server.faults.fail('updates.getChannelDifference', error);
          sayInSupergroup(stage, 'two', 'three');
          await life.untilReceived('two', 'three');
          expect(ofGroup(life)).to.deep.equal(texts);
        }));
  });
});
