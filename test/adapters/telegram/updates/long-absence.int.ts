import { expect } from 'chai';
import { telegramChat } from '../../../../src/testing/index.ts';
import { ANN, BOT, onStage, type Stage, supergroupId } from '../gateway-stage.ts';
import { expectOnceInOrder, numbers, say, sayInSupergroup } from './updates-stage.ts';

describe('Updates of an absence too long for a difference', () => {
  it('fetches messages by their ids', () =>
    onStage({}, async (stage) => {
      const first = await stage.start();
      say(stage, 'number 0');
      sayInSupergroup(stage, 'super 0');
      await first.untilReceived('number 0', 'super 0');
      await stage.stop(first);
      stage.server.rules.tooLong = true;
      stage.server.rules.channelTooLong = true;
      say(stage, ...numbers(1, 150));
      sayInSupergroup(stage, ...numbers(201, 350));
      const second = await stage.start();
      await second.untilReceived('number 150', 'number 350');
      expect(second.received.filter(({ chat: { id } }) => id === telegramChat(ANN)).map(({ text }) => text)).to.deep.equal(numbers(1, 150));
      expect(second.received.filter(({ chat: { id } }) => id === telegramChat(supergroupId)).map(({ text }) => text)).to.deep.equal(
        numbers(201, 350),
      );
      stage.server.rules.tooLong = false;
      stage.server.rules.channelTooLong = false;
      say(stage, 'as usual');
      await second.untilReceived('as usual');
    }));

  describe('Messages of an absence too long for a difference', () => {
    /** A process was there, heard `known`, and is gone; Telegram keeps no difference of what is said from now on. */
    const away = async (stage: Stage, ...known: readonly string[]): Promise<void> => {
      const life = await stage.start();
      say(stage, ...known);
      await life.untilReceived(...known);
      await stage.stop(life);
      stage.server.rules.tooLong = true;
      stage.server.rules.channelTooLong = true;
    };

    it('are not lost behind more than a page of deleted ones', () =>
      onStage({}, async (stage) => {
        await away(stage, 'known');
        const { world } = stage.server;
        world.deleteMessages(...numbers(1, 120).map((text) => world.sendMessage({ from: ANN, chat: BOT, text })));
        say(stage, 'one', 'two');
        const life = await stage.start();
        await life.untilReceived('one', 'two');
        expectOnceInOrder(life, ['one', 'two']);
      }));

    it('are not lost if none was known before, and older ones than the account’s first connection are left out', () => {
      let now = Math.floor(Date.now() / 1000);
      return onStage({ now: () => now }, async (stage) => {
        say(stage, ...numbers(1, 130));
        now += 60;
        await away(stage);
        now += 60;
        const { world } = stage.server;
        world.deleteMessages(...numbers(1, 120).map((text) => world.sendMessage({ from: ANN, chat: BOT, text })));
        say(stage, ...numbers(201, 330));
        const life = await stage.start();
        await life.untilReceived('number 201', 'number 330');
        expectOnceInOrder(life, numbers(201, 330));
      });
    });

    it('are not lost if none was known before, and one more comes during the search', () =>
      onStage({}, async (stage) => {
        await away(stage);
        say(stage, 'one');
        const hold = stage.server.faults.hold('messages.getMessages');
        const life = await stage.start();
        await hold.held;
        say(stage, 'two');
        hold.release();
        await life.untilReceived('two');
        expectOnceInOrder(life, ['one', 'two']);
      }));

    it('are not lost in a new group, and older ones than the account’s first connection are left out', () => {
      let now = Math.floor(Date.now() / 1000);
      return onStage({ now: () => now }, async (stage) => {
        sayInSupergroup(stage, ...numbers(1, 130));
        now += 60;
        await away(stage, 'known');
        stage.server.rules.tooLong = false;
        now += 60;
        sayInSupergroup(stage, ...numbers(201, 330));
        const life = await stage.start();
        await life.untilReceived('number 201', 'number 330');
        expectOnceInOrder(life, numbers(201, 330));
      });
    });

    it('are left out in a group if they are older than a day, which is logged once; direct messages never are', () => {
      let now = Math.floor(Date.now() / 1000);
      return onStage({ now: () => now }, async (stage) => {
        const first = await stage.start();
        sayInSupergroup(stage, 'super known');
        await first.untilReceived('super known');
        await stage.stop(first);
        await away(stage, 'known');
        say(stage, 'of two days ago');
        sayInSupergroup(stage, ...numbers(1, 1_000));
        now += 2 * 24 * 60 * 60;
        sayInSupergroup(stage, ...numbers(1_001, 1_150));
        stage.server.calls.clear();
        const life = await stage.start();
        await life.untilReceived('of two days ago', 'number 1150');
        expect(life.received.filter(({ chat: { id } }) => id === telegramChat(supergroupId)).map(({ text }) => text)).to.deep.equal(
          numbers(1_001, 1_150),
        );
        expect(stage.server.calls.tally(({ method }) => method)['channels.getMessages']).to.be.below(8);
        const told = life.lines.filter(({ message }) => message.includes('older ones are skipped'));
        expect(told.map(({ level, fields }) => [level, Number(fields.passedOver) > 800])).to.deep.equal([['warn', true]]);
      });
    });

    it('are found in a group of which a bot may see little, though Telegram limits the rate of the search', () =>
      onStage({ privacyMode: true }, async (stage) => {
        const first = await stage.start();
        const mention = (text: string): void =>
          void stage.server.world.sendMessage({
            from: ANN,
            chat: supergroupId,
            text: `@kept_bot ${text}`,
            entities: [{ _: 'messageEntityMention', offset: 0, length: 9 }],
          });
        mention('known');
        await first.untilReceived('known');
        await stage.stop(first);
        sayInSupergroup(stage, ...numbers(1, 600));
        const asked = numbers(601, 625);
        asked.forEach(mention);
        stage.server.rules.channelTooLong = true;
        stage.server.faults.limit('channels.getMessages', { calls: 5, withinMs: 900, wait: 1 });
        const life = await stage.start();
        await life.untilReceived(...asked);
        expect(life.texts()).to.deep.equal(asked);
      }));

    it('are not lost if they come in during the search, behind the range that it covers', () =>
      onStage({}, async (stage) => {
        await away(stage, 'known');
        say(stage, 'one');
        // It has moved too: Telegram refuses for its sake as well.
        sayInSupergroup(stage, 'super');
        const hold = stage.server.faults.hold('updates.getState');
        const life = await stage.start();
        await hold.held;
        say(stage, 'two');
        hold.release();
        await life.untilReceived('one', 'two');
        expect(life.texts()).to.include.members(['one', 'two']);
      }));

    it('are not lost however many they are', function () {
      this.timeout(60_000);
      return onStage({}, async (stage) => {
        await away(stage, 'known');
        say(stage, ...numbers(1, 2_100));
        const life = await stage.start();
        await life.until('all of them', () => life.texts().length >= 2_100, 30_000);
        expectOnceInOrder(life, numbers(1, 2_100));
      });
    });
  });
});
