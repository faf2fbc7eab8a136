import { expect } from 'chai';
import { ANN, BOT, type Life, onStage, type Stage, supergroupId } from '../gateway-stage.ts';
import { say, sayInSupergroup } from './updates-stage.ts';

describe('Updates that the account may receive', () => {
  it('begin at the account’s state of the first start, and none is missed from then on', () => {
    let now = Math.floor(Date.now() / 1000);
    return onStage({ preset: false, now: () => now }, async (stage) => {
      say(stage, 'long before');
      sayInSupergroup(stage, 'super long before');
      now += 60;
      const getState = stage.server.faults.hold('updates.getState');
      const starting = stage.start();
      await getState.held;
      say(stage, 'just now');
      sayInSupergroup(stage, 'super just now');
      now += 60;
      getState.release();
      const life = await starting;
      await life.untilReceived('just now', 'super just now');
      expect(life.texts()).to.have.members(['just now', 'super just now']);
    });
  });

  it('say that a message was edited', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      const [message] = say(stage, 'frist');
      await life.untilReceived('frist');
      if (message) stage.server.world.editMessage(message, 'first');
      await life.untilReceived('first');
      expect(life.received.map(({ text, edited }) => [text, edited])).to.deep.equal([
        ['frist', undefined],
        ['first', true],
      ]);
    }));

  it('are dropped if they edit a message from before the first start', () => {
    let now = 1_800_000_000;
    return onStage({ now: () => now }, async (stage) => {
      const [old] = say(stage, 'long ago');
      now += 60;
      const life = await stage.start();
      say(stage, 'now');
      await life.untilReceived('now');
      if (old) stage.server.world.editMessage(old, 'long ago, edited');
      say(stage, 'then');
      await life.untilReceived('then');
      expect(life.texts()).to.deep.equal(['now', 'then']);
    });
  });

  describe('The data of another account', () => {
    const asOther = async (stage: Stage): Promise<Life> => {
      stage.server.world.addUser({ id: 800, username: 'other_bot', isBot: true, token: '800:other' });
      return stage.start({ settings: { ...stage.settings, account: { kind: 'bot', token: '800:other' } } });
    };

    it('is refused with an error that names both accounts, and the first one goes on', () =>
      onStage({}, async (stage) => {
        const first = await stage.start();
        say(stage, 'one');
        await first.untilReceived('one');
        await stage.stop(first);
        const kept = await stage.state.list('');
        const second = await asOther(stage);
        expect(second.gateway.health()).to.include({ status: 'fail' });
        expect(second.gateway.health().message).to.match(/belongs to the Telegram account 500, .* is 800: .*KEPT_DATA_DIR/);
        await stage.stop(second);
        expect(await stage.state.list('')).to.deep.equal(kept);
        say(stage, 'two');
        const third = await stage.start();
        await third.untilReceived('two');
      }));

    it('is replaced if the first account was never used; no state of it is used', () =>
      onStage({}, async (stage) => {
        await stage.stop(await stage.start());
        await stage.state.set(new Map([['peer:1', 'of the first']]));
        const second = await asOther(stage);
        expect(second.gateway.self()?.id).to.equal(800);
        expect((await stage.state.list('peer:')).size).to.equal(0);
        stage.server.world.sendMessage({ from: ANN, chat: 800, text: 'hello, other' });
        await second.untilReceived('hello, other');
        expect(second.lines.filter(({ level }) => level === 'error')).to.deep.equal([]);
      }));
  });

  it('go on from now if Telegram no longer knows the stored checkpoint', () =>
    onStage({}, async (stage) => {
      const first = await stage.start();
      say(stage, 'one');
      await first.untilReceived('one');
      await stage.stop(first);
      const place = JSON.parse((await stage.state.get('updates')) ?? '{}');
      await stage.state.set(new Map([['updates', JSON.stringify({ ...place, pts: 1_000_000 })]]));
      const getState = stage.server.faults.hold('updates.getState');
      const second = await stage.start();
      await getState.held;
      say(stage, 'two');
      getState.release();
      await second.untilReceived('two');
      expect(second.lines.filter(({ level }) => level === 'error')).to.have.length(1);
      say(stage, 'three');
      await second.untilReceived('three');
      expect(second.texts()).to.deep.equal(['two', 'three']);
    }));

  it('are no longer fetched from a group that the account was removed from', () =>
    onStage({}, async (stage) => {
      const first = await stage.start();
      sayInSupergroup(stage, 'super');
      await first.untilReceived('super');
      await stage.stop(first);
      stage.server.world.removeMember(supergroupId, BOT);
      const second = await stage.start();
      await second.until('it is told', () => second.lines.some(({ message }) => message.startsWith('a group can no longer be read')));
      await stage.stop(second);
      expect((await stage.state.list('updates:')).size).to.equal(0);
    }));
});
