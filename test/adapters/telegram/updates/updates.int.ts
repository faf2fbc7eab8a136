import { expect } from 'chai';
import { systemClock } from '../../../../src/adapters/system/index.ts';
import { PortError } from '../../../../src/ports/index.ts';
import { telegramChat } from '../../../../src/testing/index.ts';
import { ACCOUNT, ANN, answer, BEN, BOT, groupId, type Life, onStage, type Stage, SUPERGROUP, supergroupId } from '../gateway-stage.ts';

const differences = ({ server }: Stage): number => server.calls.items.filter(({ method }) => method === 'updates.getDifference').length;

/** What Telegram would tell a process that starts now. */
const storedPts = async ({ state }: Stage): Promise<number> => JSON.parse((await state.get('updates')) ?? '{}').pts;

const say = ({ server }: Stage, ...texts: readonly string[]) =>
  texts.map((text) => server.world.sendMessage({ from: ANN, chat: BOT, text }));
const sayInSupergroup = ({ server }: Stage, ...texts: readonly string[]) =>
  texts.map((text) => server.world.sendMessage({ from: ANN, chat: supergroupId, text }));

const numbers = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, at) => `number ${from + at}`);

const expectOnceInOrder = (life: Life, texts: readonly string[]): void => {
  expect(life.texts()).to.deep.equal(texts);
};

describe('Telegram updates', () => {
  it('that are pushed while the connection is down are not lost', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      say(stage, 'before');
      sayInSupergroup(stage, 'super before');
      await life.untilReceived('before', 'super before');
      await stage.server.goDown();
      say(stage, 'during 1', 'during 2');
      sayInSupergroup(stage, 'super during');
      await life.until('the loss is noticed', () => life.gateway.health().status === 'down');
      await stage.server.comeUp();
      await life.untilReceived('during 1', 'during 2', 'super during');
      say(stage, 'after');
      await life.untilReceived('after');
      expect(life.texts().filter((text) => !text.startsWith('super'))).to.deep.equal(['before', 'during 1', 'during 2', 'after']);
    }));

  it('that came while no process ran are caught up by the next one, in groups of both kinds too', () =>
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

  it('of a supergroup that was never seen before the absence are caught up', () =>
    onStage({}, async (stage) => {
      const first = await stage.start();
      say(stage, 'hello');
      await first.untilReceived('hello');
      await stage.stop(first);
      sayInSupergroup(stage, 'you were away');
      const second = await stage.start();
      await second.untilReceived('you were away');
    }));

  it('of such a group are new however often they must be asked for', () => {
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

  it('of two such groups, told along with the rest, are both caught up, also where the process ends amid that', () => {
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

  it('of such a group are not passed over where the absence comes in slices', () => {
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

  it('of such a group do not wait for a slice that fails', () => {
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

  describe('of a supergroup whose first one', () => {
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

    it('comes in before it is asked what was missed is handed over behind that, however much it is', () =>
      listening(async (stage, life) => {
        await stage.server.goDown();
        await life.until('the loss is noticed', () => life.gateway.health().status === 'down');
        sayInSupergroup(stage, ...numbers(1, 80));
        const hold = stage.server.faults.hold('users.getUsers');
        await stage.server.comeUp();
        await hold.held;
        sayInSupergroup(stage, 'and now');
        hold.release();
        await life.untilReceived('and now');
        expect(ofGroup(life)).to.deep.equal([...numbers(1, 80), 'and now']);
      }));

    it('is lost are looked for when the second one is seen; what was there before we listened is not', () =>
      listening(async (stage, life, later) => {
        await lose(stage, life, later, 'one');
        sayInSupergroup(stage, 'two', 'three');
        await life.untilReceived('two', 'three');
        expect(ofGroup(life)).to.deep.equal(['one', 'two', 'three']);
      }));

    it('is lost are looked for, however many were lost with it', () =>
      listening(async (stage, life, later) => {
        stage.server.faults.withholdUpdates();
        sayInSupergroup(stage, ...numbers(1, 300));
        later();
        stage.server.faults.withholdUpdates(0);
        sayInSupergroup(stage, 'are you there?');
        await life.untilReceived('are you there?');
        expect(ofGroup(life)).to.deep.equal([...numbers(1, 300), 'are you there?']);
      }));

    it('comes after the second one are handed over in order', () =>
      listening(async (stage, life) => {
        stage.server.faults.reverseUpdates(2);
        sayInSupergroup(stage, 'one', 'two');
        await life.untilReceived('two');
        sayInSupergroup(stage, 'three');
        await life.untilReceived('three');
        expect(ofGroup(life)).to.deep.equal(['one', 'two', 'three']);
      }));

    it('is lost, and shown by a deletion, are looked for', () =>
      listening(async (stage, life, later) => {
        const { world } = stage.server;
        await lose(stage, life, later, 'one');
        world.deleteMessages(...world.history(ANN, supergroupId).slice(0, 1));
        await life.untilReceived('one');
        expect(ofGroup(life)).to.deep.equal(['one']);
      }));

    it('is lost right after we were added are looked for from then on: what was said before is history', () =>
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

    it('is lost are looked for by the next process, where this one ends before it has them', () =>
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

    it('is lost are looked for until that succeeds, by the next process too', () =>
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
      it(`is lost ${what}`, () =>
        listening(async (stage, life, later) => {
          await lose(stage, life, later, 'one');
          stage.server.faults.fail('updates.getChannelDifference', error);
          sayInSupergroup(stage, 'two', 'three');
          await life.untilReceived('two', 'three');
          expect(ofGroup(life)).to.deep.equal(texts);
        }));
  });

  it('that Telegram made and never pushed are fetched when the next one shows the gap', () =>
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

  it('that were never pushed, and nothing after them, are found by the probe', () =>
    onStage({ timing: { probeIntervalMs: 50 } }, async (stage) => {
      const life = await stage.start();
      say(stage, 'one');
      await life.untilReceived('one');
      stage.server.faults.withholdUpdates(1);
      say(stage, 'two');
      await life.untilReceived('two');
    }));

  it('that come twice, or last to first, are handed over once and in order', () =>
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

  it('that come twice are no gap', () =>
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

  it('that leave out who wrote them are fetched whole where nothing is known of that person', () =>
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

  describe('that leave out who wrote them', () => {
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

    it('are from whoever has the username by then', () =>
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

    it('are from whoever has it, also where that changed while the connection was down', () =>
      onStage({}, async (stage) => {
        const life = await introduced(stage);
        await stage.server.goDown();
        await life.until('the loss is noticed', () => life.gateway.health().status === 'down');
        stage.server.world.rename(ANN, { username: 'ann_moved' });
        await stage.server.comeUp();
        await life.until('connected', () => life.gateway.health().status === 'ok');
        say(stage, 'it is me');
        await life.untilReceived('it is me');
        expect(usernameOf(life, 'it is me')).to.equal('ann_moved');
      }));

    it('are from whoever has it, also where the word of it was lost: the next that is told shows a hole', () =>
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

    it('are from whoever has it, also where Telegram never said that it changed', () => {
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
    it(`that name a ${account} by the username it has had since a moment ago are for us`, () =>
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
        expect(life.gateway.health().detail).to.match(/^connected as @kept_anew(;|$)/);
      }));

  it('of a long absence come in slices', () =>
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

  it('of an album are one message, also where the absence comes in slices', () =>
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

  it('of an absence too long for a difference are asked for by number', () =>
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

  it('of a group come in also where something of the account is missing before them, and is not to be had for now', () =>
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

  describe('of an absence too long for a difference', () => {
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

    it('are not lost where none was known before, and what was said before the account was ours is left alone', () => {
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

    it('are not lost where none was known before, and one more comes amid the search', () =>
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

    it('are not lost in a group that is new, and what was said there before the account was ours is left alone', () => {
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

    it('are passed over in a group where they are older than a day, which is told once; direct messages never are', () => {
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

    it('are found in a group of which a bot may see little, where Telegram wants pauses in the search', () =>
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

    it('are not lost where they come after the search and before its end', () =>
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

  it('are acknowledged by what was received alone: the next process gets the others', () =>
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

  it('that the receiver refuses are handed over again, and nothing of that chat overtakes them', () =>
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

  it('wait for storage that does not say whether a message is ours', () =>
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

  it('that can not be read are tried again, and then left out, loudly: what comes behind them goes on, and is acknowledged', () =>
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

  it('of a first start begin where the account stands, and miss nothing that is pushed from then on', () => {
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

  it('are not asked for again and again because our own calls have numbers too', () =>
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

  it('of a bulk: 300 messages in five chats, through cuts of the connection, each once and in order', function () {
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

  it('move the stored place up to what was received, and no further', () =>
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

  it('of edits say so', () =>
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

  it('of edits of what was never ours, because it was sent before the first start, are dropped', () => {
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

  describe('of another account', () => {
    const asOther = async (stage: Stage): Promise<Life> => {
      stage.server.world.addUser({ id: 800, username: 'other_bot', isBot: true, token: '800:other' });
      return stage.start({ settings: { ...stage.settings, account: { kind: 'bot', token: '800:other' } } });
    };

    it('are not taken for those of the first one: it is refused in words that name both, and the first one goes on', () =>
      onStage({}, async (stage) => {
        const first = await stage.start();
        say(stage, 'one');
        await first.untilReceived('one');
        await stage.stop(first);
        const kept = await stage.state.list('');
        const second = await asOther(stage);
        expect(second.gateway.health()).to.include({ status: 'down' });
        expect(second.gateway.health().detail).to.match(/belongs to the Telegram account 500, .* is 800: .*KEPT_DATA_DIR/);
        await stage.stop(second);
        expect(await stage.state.list('')).to.deep.equal(kept);
        say(stage, 'two');
        const third = await stage.start();
        await third.untilReceived('two');
      }));

    it('are received where the first one was never used: nothing that was kept of it is', () =>
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

  it('go on from now where Telegram does not know the stored place any more', () =>
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

  it('of a group that we were put out of are asked for no longer', () =>
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
