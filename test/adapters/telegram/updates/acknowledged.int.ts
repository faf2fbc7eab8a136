import { expect } from 'chai';
import { PortError } from '../../../../src/ports/index.ts';
import { telegramChat } from '../../../../src/testing/index.ts';
import { ANN, BEN, BOT, groupId, onStage, supergroupId } from '../gateway-stage.ts';
import { expectOnceInOrder, say, sayInSupergroup, storedPts } from './updates-stage.ts';

describe('The stored checkpoint of Telegram updates', () => {
  it('moves only past updates that were received: the next process gets the rest', () =>
    onStage({}, async (stage) => {
      const first = await stage.start();
      say(stage, 'taken');
      await first.untilReceived('taken');
      first.refuse = ({ text }) => text === 'refused';
      say(stage, 'refused', 'behind it');
      // Another chat goes on meanwhile, and its place in the stream is behind the refused one.
      stage.server.world.sendMessage({ from: BEN, chat: BOT, text: 'from Ben' });
      await first.untilReceived('from Ben');
      expect(first.texts()).to.deep.equal(['taken', 'from Ben']);
      await stage.stop(first);
      const second = await stage.start();
      await second.untilReceived('refused', 'behind it', 'from Ben');
      expect(second.received.filter(({ chat: { id } }) => id === telegramChat(ANN)).map(({ text }) => text)).to.deep.equal([
        'refused',
        'behind it',
      ]);
    }));

  it('stays before a message that the receiver refuses: it is handed over again, and nothing of its chat overtakes it', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      say(stage, 'zero');
      await life.untilReceived('zero');
      let refusals = 2;
      life.refuse = ({ text }) => text === 'one' && refusals-- > 0;
      say(stage, 'one', 'two');
      await life.untilReceived('one', 'two');
      expectOnceInOrder(life, ['zero', 'one', 'two']);
    }));

  it('waits for storage that does not say whether a message is ours', () =>
    onStage({}, async (stage) => {
      let failures = 2;
      const isOurs = async (): Promise<boolean> => {
        if (failures-- > 0) throw new PortError('unavailable', 'storage is away', { retryable: true });
        return true;
      };
      const life = await stage.start({ isOurs });
      const [first] = sayInSupergroup(stage, 'one');
      stage.server.world.sendMessage({ from: BEN, chat: supergroupId, text: 'a reply', ...(first ? { replyTo: first } : {}) });
      await life.untilReceived('a reply');
      expect(life.received.find(({ text }) => text === 'a reply')?.addressedTo).to.equal('us');
    }));

  it('moves past a message that cannot be read, after it was tried again and logged', () =>
    onStage({}, async (stage) => {
      let failures = 1;
      const isOurs = async (): Promise<boolean> => {
        if (failures-- > 0) throw new TypeError('broken');
        return true;
      };
      const life = await stage.start({ isOurs });
      const { world } = stage.server;
      const replyTo = world.sendMessage({ from: ANN, chat: groupId, text: 'base' });
      const reply = (text: string) => world.sendMessage({ from: BEN, chat: groupId, text, replyTo });
      reply('read at the second time');
      await life.untilReceived('base', 'read at the second time');
      failures = Number.POSITIVE_INFINITY;
      reply('poison');
      await life.until('it is told', () => life.lines.some(({ level }) => level === 'error'));
      failures = 0;
      say(stage, 'later');
      await life.untilReceived('later');
      await stage.stop(life);
      const next = await stage.start();
      say(stage, 'last');
      await next.untilReceived('last');
      expect(next.texts()).to.deep.equal(['last']);
    }));

  it('moves up to the last received update, and no further', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      say(stage, 'one');
      await life.untilReceived('one');
      await stage.stop(life);
      const place = await storedPts(stage);
      say(stage, 'two');
      const second = await stage.start();
      second.refuse = () => true;
      await second.until('a refusal', () => second.lines.some(({ message }) => message.startsWith('a message could not be received')));
      await stage.stop(second);
      expect(await storedPts(stage)).to.equal(place);
    }));
});
