import { expect } from 'chai';
import { telegramChat } from '../../../../src/testing/index.ts';
import { ANN, answer, BEN, BOT, groupId, onStage, supergroupId } from '../gateway-stage.ts';
import { differences, expectOnceInOrder, numbers, say, sayInSupergroup } from './updates-stage.ts';

describe('Updates that the connection loses', () => {
  it('loses no update that is pushed while the connection is down', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      say(stage, 'before');
      sayInSupergroup(stage, 'super before');
      await life.untilReceived('before', 'super before');
      await stage.server.goDown();
      say(stage, 'during 1', 'during 2');
      sayInSupergroup(stage, 'super during');
      await life.until('the loss is noticed', () => life.gateway.health().status === 'fail');
      await stage.server.comeUp();
      await life.untilReceived('during 1', 'during 2', 'super during');
      say(stage, 'after');
      await life.untilReceived('after');
      expect(life.texts().filter((text) => !text.startsWith('super'))).to.deep.equal(['before', 'during 1', 'during 2', 'after']);
    }));

  it('catches up on what came while no process ran, in groups of both kinds too', () =>
    onStage({}, async (stage) => {
      const first = await stage.start();
      say(stage, 'one');
      sayInSupergroup(stage, 'super one');
      await first.untilReceived('one', 'super one');
      await stage.stop(first);
      say(stage, 'two', 'three');
      sayInSupergroup(stage, 'super two');
      stage.server.world.sendMessage({ from: BEN, chat: groupId, text: 'basic two' });
      const second = await stage.start();
      await second.untilReceived('two', 'three', 'super two', 'basic two');
      expect(second.texts()).to.not.include.members(['one']);
      expect(second.texts()).to.not.include.members(['super one']);
    }));

  it('fetches updates that were never pushed when the next one shows the gap', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      say(stage, 'one');
      sayInSupergroup(stage, 'super one');
      await life.untilReceived('one', 'super one');
      stage.server.faults.withholdUpdates();
      say(stage, 'two', 'three');
      sayInSupergroup(stage, 'super two');
      stage.server.faults.clear();
      say(stage, 'four');
      sayInSupergroup(stage, 'super three');
      await life.untilReceived('four', 'super three');
      expect(life.texts().filter((text) => !text.startsWith('super'))).to.deep.equal(['one', 'two', 'three', 'four']);
      expect(life.texts().filter((text) => text.startsWith('super'))).to.deep.equal(['super one', 'super two', 'super three']);
    }));

  it('finds by the probe an update that was never pushed, with nothing after it', () =>
    onStage({ timing: { probeIntervalMs: 50 } }, async (stage) => {
      const life = await stage.start();
      say(stage, 'one');
      await life.untilReceived('one');
      stage.server.faults.withholdUpdates(1);
      say(stage, 'two');
      await life.untilReceived('two');
    }));

  it('hands over once and in order the updates that come twice or in reverse', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      say(stage, 'zero');
      await life.untilReceived('zero');
      const before = differences(stage);
      stage.server.faults.duplicateUpdates(3);
      say(stage, 'one', 'two', 'three');
      await life.untilReceived('three');
      stage.server.faults.reverseUpdates(3);
      say(stage, 'four', 'five', 'six');
      await life.untilReceived('four', 'five', 'six');
      expectOnceInOrder(life, ['zero', 'one', 'two', 'three', 'four', 'five', 'six']);
      expect(differences(stage), 'nothing was missing').to.equal(before);
    }));

  it('sees no gap in updates that come twice', () =>
    onStage({ timing: { gapPatienceMs: 1 } }, async (stage) => {
      const life = await stage.start();
      say(stage, 'zero');
      await life.untilReceived('zero');
      const before = differences(stage);
      stage.server.faults.duplicateUpdates(2);
      say(stage, 'one', 'two');
      await life.untilReceived('two');
      for (const text of ['and', 'time', 'passes']) await life.gateway.send(answer(ANN, text));
      expect(differences(stage)).to.equal(before);
    }));

  it('takes in a long absence that comes in slices', () =>
    onStage({}, async (stage) => {
      const first = await stage.start();
      say(stage, 'number 0');
      sayInSupergroup(stage, 'super 0');
      await first.untilReceived('number 0', 'super 0');
      await stage.stop(first);
      stage.server.rules.limit = 7;
      stage.server.rules.channelLimit = 3;
      say(stage, ...numbers(1, 40));
      sayInSupergroup(stage, ...numbers(41, 60));
      const second = await stage.start();
      await second.untilReceived('number 40', 'number 60');
      expect(second.received.filter(({ chat: { id } }) => id === telegramChat(ANN)).map(({ text }) => text)).to.deep.equal(numbers(1, 40));
      expect(second.received.filter(({ chat: { id } }) => id === telegramChat(supergroupId)).map(({ text }) => text)).to.deep.equal(
        numbers(41, 60),
      );
    }));

  it('takes an album for one message, also where the absence comes in slices', () =>
    onStage({ timing: { albumPatienceMs: 1 } }, async (stage) => {
      const { faults, rules, world } = stage.server;
      const first = await stage.start();
      say(stage, 'hello');
      await first.untilReceived('hello');
      await stage.stop(first);
      for (const text of ['a', 'b', 'c', 'd'])
        world.sendMessage({ from: ANN, chat: BOT, album: 9n, text, media: { photo: Buffer.from(text) } });
      rules.limit = 2;
      faults.hold('updates.getDifference').release();
      const hold = faults.hold('updates.getDifference');
      const second = await stage.start();
      await hold.held;
      hold.release();
      say(stage, 'behind it');
      await second.untilReceived('behind it');
      expect(second.texts()).to.deep.equal([['a', 'b', 'c', 'd'].map((text) => `[photo]\n${text}`).join('\n'), 'behind it']);
    }));

  it(`takes in a group's updates while the account's difference is refused`, () =>
    onStage({}, async (stage) => {
      const { world, faults } = stage.server;
      const life = await stage.start();
      sayInSupergroup(stage, 'known');
      await life.untilReceived('known');
      const [tell = () => expect.fail('nobody is told')] = world.state.listeners;
      world.state.listeners.delete(tell);
      // Among all that the account is told it has a number, and those before it were lost.
      world.state.listeners.add((push) => tell({ ...push, updates: { ...push.updates, seq: 9 } }));
      for (const method of ['updates.getDifference', 'updates.getChannelDifference']) faults.fail(method, 'FLOOD_WAIT_30');
      sayInSupergroup(stage, 'at once');
      await life.untilReceived('at once');
    }));

  it('asks for no difference because of the numbers of its own calls', () =>
    onStage({ timing: { probeIntervalMs: 30 } }, async (stage) => {
      const life = await stage.start();
      say(stage, 'hello');
      sayInSupergroup(stage, 'hello all');
      await life.untilReceived('hello', 'hello all');
      const before = differences(stage);
      for (let round = 0; round < 5; round++) {
        const sent = answer(ANN, `answer ${round}`);
        await life.gateway.showDraft({ ...sent, text: 'ans' });
        await life.gateway.send(sent);
        await life.gateway.send(answer(supergroupId, `answer ${round}`));
      }
      say(stage, 'thanks');
      sayInSupergroup(stage, 'thanks from all');
      await life.untilReceived('thanks', 'thanks from all');
      const probes = (): number => stage.server.calls.items.filter(({ method }) => method === 'updates.getState').length;
      const seen = probes();
      await life.until('three more probes', () => probes() >= seen + 3);
      expect(differences(stage)).to.equal(before);
      expect(life.texts()).to.have.members(['hello', 'hello all', 'thanks', 'thanks from all']);
    }));

  it('delivers 300 messages of five chats once and in order through cuts of the connection', function () {
    this.timeout(60_000);
    return onStage({}, async (stage) => {
      const { world } = stage.server;
      const people = [301, 302, 303, 304].map((id) => world.addUser({ id, username: `person${id}` }).id);
      const life = await stage.start();
      for (let round = 0; round < 60; round++) {
        for (const id of people) world.sendMessage({ from: id, chat: BOT, text: `${round}` });
        world.sendMessage({ from: ANN, chat: supergroupId, text: `${round}` });
        if (round % 20 === 10) {
          stage.server.cutConnections();
          await life.until('connected again', () => stage.server.connections() > 0 && life.gateway.health().status === 'ok');
        }
      }
      await life.until(
        'all 300',
        () => new Set(life.received.map(({ chat: { id: chatId }, text }) => `${chatId} ${text}`)).size === 300,
        30_000,
      );
      for (const chat of [...people, supergroupId]) {
        const texts = life.received.filter(({ chat: { id } }) => id === telegramChat(chat)).map(({ text }) => text);
        expect(texts).to.deep.equal(Array.from({ length: 60 }, (_, round) => `${round}`));
      }
    });
  });
});
