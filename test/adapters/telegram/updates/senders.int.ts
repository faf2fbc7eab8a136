import { expect } from 'chai';
import { systemClock } from '../../../../src/adapters/system/index.ts';
import { ACCOUNT, ANN, answer, BEN, BOT, type Life, onStage, type Stage } from '../gateway-stage.ts';
import { differences, say, sayInSupergroup } from './updates-stage.ts';

describe('Updates that leave out who wrote a message', () => {
  it('fetches the whole message if nothing is known of the person', () =>
    onStage({ account: 'user' }, async (stage) => {
      const write = (text: string) => stage.server.world.sendMessage({ from: ANN, chat: 600, text });
      const first = await stage.start();
      write('hello');
      await first.untilReceived('hello');
      await stage.stop(first);
      await stage.state.set(new Map([[`peer:${ANN}`, undefined]]));
      const second = await stage.start();
      write('it is me');
      await second.untilReceived('it is me');
      expect(second.received[0]?.sender).to.deep.include({ username: 'ann', kind: 'person' });
      await second.gateway.send(answer(ANN, 'hello, Ann'));
    }));

  describe('The sender of a message whose update leaves out who wrote it', () => {
    const usernameOf = (life: Life, text: string): string | undefined =>
      life.received.find((message) => message.text === text)?.sender.username;
    /** Ann is known to the process, so that Telegram leaves out who she is from now on. */
    const introduced = async (stage: Stage, options?: Parameters<Stage['start']>[0]): Promise<Life> => {
      const life = await stage.start(options);
      say(stage, 'hello');
      await life.untilReceived('hello');
      say(stage, 'hello again');
      await life.untilReceived('hello again');
      expect(usernameOf(life, 'hello again')).to.equal('ann');
      return life;
    };

    it('is the person who has the username at that time', () =>
      onStage({}, async (stage) => {
        const life = await introduced(stage);
        const before = differences(stage);
        say(stage, 'no need to ask who I am');
        await life.untilReceived('no need to ask who I am');
        expect(differences(stage)).to.equal(before);
        stage.server.world.rename(ANN, { username: 'ann_moved' });
        stage.server.world.rename(BEN, { username: 'ann' });
        say(stage, 'it is me');
        stage.server.world.sendMessage({ from: BEN, chat: BOT, text: 'no, me' });
        await life.untilReceived('it is me', 'no, me');
        expect(usernameOf(life, 'it is me')).to.equal('ann_moved');
        expect(usernameOf(life, 'no, me')).to.equal('ann');
        stage.server.world.rename(ANN, { username: undefined });
        say(stage, 'nameless');
        await life.untilReceived('nameless');
        expect(usernameOf(life, 'nameless')).to.equal(undefined);
      }));

    it('is the person who has the username, even if that changed while the connection was down', () =>
      onStage({}, async (stage) => {
        const life = await introduced(stage);
        await stage.server.goDown();
        await life.until('the loss is noticed', () => life.gateway.health().status === 'fail');
        stage.server.world.rename(ANN, { username: 'ann_moved' });
        await stage.server.comeUp();
        await life.until('connected', () => life.gateway.health().status === 'ok');
        say(stage, 'it is me');
        await life.untilReceived('it is me');
        expect(usernameOf(life, 'it is me')).to.equal('ann_moved');
      }));

    it('is the person who has the username, even if the update that says so was lost: the next one shows a gap', () =>
      onStage({}, async (stage) => {
        const life = await introduced(stage);
        stage.server.world.sendMessage({ from: BEN, chat: BOT, text: 'I am here, too' });
        await life.untilReceived('I am here, too');
        stage.server.faults.withholdUpdates(1);
        stage.server.world.rename(ANN, { username: 'ann_moved' });
        stage.server.world.rename(BEN, { username: 'ben_moved' });
        say(stage, 'it is me');
        await life.untilReceived('it is me');
        expect(usernameOf(life, 'it is me')).to.equal('ann_moved');
      }));

    it('is the person who has the username, even if Telegram never said that it changed', () => {
      let aheadMs = 0;
      const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
      return onStage({ clock }, async (stage) => {
        const life = await introduced(stage);
        stage.server.faults.withholdUpdates(1);
        stage.server.world.rename(ANN, { username: 'ann_moved' });
        aheadMs = 6 * 60_000;
        say(stage, 'it is me');
        await life.untilReceived('it is me');
        expect(usernameOf(life, 'it is me')).to.equal('ann_moved');
      });
    });
  });

  for (const account of ['bot', 'user'] as const)
    it(`takes a message for addressed to us if it names a ${account} by a brand-new username`, () =>
      onStage({ account }, async (stage) => {
        const { world } = stage.server;
        const life = await stage.start();
        // After the second one nothing is being fetched any more that might overtake the word of the new name.
        for (const text of ['hello', 'hello again']) {
          sayInSupergroup(stage, text);
          await life.untilReceived(text);
        }
        world.rename(account === 'bot' ? BOT : ACCOUNT, { username: 'kept_anew' });
        const oldName = account === 'bot' ? '@kept_bot' : '@kept_person';
        sayInSupergroup(stage, '@kept_anew do it', `${oldName} do that`);
        await life.untilReceived('do it', `${oldName} do that`);
        expect(life.received.slice(-2).map(({ addressedTo }) => addressedTo)).to.deep.equal(['us', 'other']);
        expect(life.gateway.self()?.username).to.equal('kept_anew');
        expect(life.gateway.health().message).to.match(/^connected as @kept_anew(;|$)/);
      }));
});
