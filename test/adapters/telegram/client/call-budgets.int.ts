import { expect } from 'chai';
import { makeFixedClock, telegramChat } from '../../../../src/testing/index.ts';
import { ACCOUNT, ANN, BEN, BOT, type Life, onStage, type Stage, type StageOptions, SUPERGROUP, supergroupId } from '../gateway-stage.ts';

const tally = ({ server }: Stage) => server.calls.tally(({ method }) => method);
const called = (stage: Stage, method: string): number => tally(stage)[method] ?? 0;
const DIFFERENCE = 'updates.getDifference';
const GROUPS_DIFFERENCE = 'updates.getChannelDifference';

/** So many supergroups, all of them known to the process. */
const withGroups = async (stage: Stage, life: Life, count: number): Promise<readonly number[]> => {
  const { world } = stage.server;
  const groups = Array.from(
    { length: count },
    (_, at) => world.addSupergroup({ id: SUPERGROUP + 1 + at, title: `Room ${at}`, members: [ANN, BOT, ACCOUNT] }).markedId,
  );
  for (const chat of groups) world.sendMessage({ from: ANN, chat, text: `first in ${chat}` });
  await life.until('all groups are known', () => groups.every((chat) => life.texts().includes(`first in ${chat}`)));
  return groups;
};

const offline = async (stage: Stage, life: Life, meanwhile: () => void): Promise<void> => {
  await stage.server.goDown();
  await life.until('the loss is noticed', () => life.gateway.health().status === 'fail');
  meanwhile();
  stage.server.calls.clear();
  await stage.server.comeUp();
  await life.until('connected again', () => life.gateway.health().status === 'ok');
};

const write = (stage: Stage, chat: number, text: string): void => void stage.server.world.sendMessage({ from: ANN, chat, text });

describe('What Telegram’s updates cost, at 60 ms a call', function () {
  this.timeout(60_000);
  const ROUND_TRIP = 60;

  for (const what of ['stood still', 'moved'] as const)
    it(`a direct message waits for none of 150 groups that ${what} while the connection was down`, () =>
      onStage({}, async (stage) => {
        const life = await stage.start();
        const groups = await withGroups(stage, life, 150);
        stage.server.faults.roundTripMs = ROUND_TRIP;
        await offline(stage, life, () => {
          if (what === 'moved') for (const chat of groups) write(stage, chat, 'meanwhile');
        });
        write(stage, BOT, 'are you back?');
        await life.untilReceived('are you back?');
        expect(called(stage, GROUPS_DIFFERENCE)).to.be.below(30);
        if (what === 'stood still') return;
        await life.until('every group has caught up', () => life.texts().filter((text) => text === 'meanwhile').length === groups.length);
        expect(called(stage, DIFFERENCE)).to.be.at.most(2);
      }));

  it('a direct message does not wait for a group that is 5,000 events behind, nor does another group', () =>
    onStage({ account: 'user' }, async (stage) => {
      const life = await stage.start();
      const [busy = 0, other = 0] = await withGroups(stage, life, 2);
      await offline(stage, life, () => {
        for (let at = 0; at < 5_000; at++) write(stage, busy, `${at}`);
        stage.server.faults.roundTripMs = ROUND_TRIP;
      });
      write(stage, ACCOUNT, 'are you back?');
      write(stage, other, 'is anybody here?');
      await life.untilReceived('are you back?', 'is anybody here?');
      expect(called(stage, GROUPS_DIFFERENCE)).to.be.below(30);
    }));

  describe('of what privacy mode hides', () => {
    const HIDDEN = 5_000;
    for (const rule of ['age', 'limit'] as const)
      it(`${HIDDEN} messages between two mentions cost one call, where groups are too far behind by ${rule}, and no direct message waits`, () =>
        onStage({ privacyMode: true }, async (stage) => {
          stage.server.rules.channelTooLongBy = rule;
          const life = await stage.start();
          write(stage, supergroupId, '@kept_bot one');
          await life.untilReceived('one');
          stage.server.faults.roundTripMs = ROUND_TRIP;
          stage.server.calls.clear();
          for (let at = 0; at < HIDDEN; at++) write(stage, supergroupId, `among ourselves ${at}`);
          const hold = stage.server.faults.hold(GROUPS_DIFFERENCE);
          write(stage, supergroupId, '@kept_bot two');
          await hold.held;
          write(stage, BOT, 'and here?');
          await life.untilReceived('and here?');
          hold.release();
          await life.untilReceived('two');
          write(stage, supergroupId, '@kept_bot three');
          await life.untilReceived('three');
          expect(tally(stage)).to.deep.equal({ [GROUPS_DIFFERENCE]: 1 });
          expect(life.texts()).to.deep.equal(['one', 'and here?', 'two', 'three']);
        }));

    it('one message between two mentions costs one call', () =>
      onStage({ privacyMode: true }, async (stage) => {
        const life = await stage.start();
        write(stage, supergroupId, '@kept_bot one');
        await life.untilReceived('one');
        stage.server.calls.clear();
        write(stage, supergroupId, 'among ourselves');
        write(stage, supergroupId, '@kept_bot two');
        await life.untilReceived('two');
        expect(tally(stage)).to.deep.equal({ [GROUPS_DIFFERENCE]: 1 });
      }));
  });
});

describe('What is missing in a Telegram group', () => {
  const PATIENT = { timing: { gapPatienceMs: 60_000 } };
  /** A process that has caught up before it hears of any group. */
  const caughtUp = async (stage: Stage): Promise<Life> => {
    const life = await stage.start();
    write(stage, BOT, 'hello');
    await life.untilReceived('hello');
    return life;
  };
  const started = async (stage: Stage): Promise<Life> => {
    const life = await caughtUp(stage);
    write(stage, supergroupId, 'zero');
    await life.untilReceived('zero');
    stage.server.calls.clear();
    return life;
  };

  it('is fetched at once where it is more than a few: these may still come', () =>
    onStage(PATIENT, async (stage) => {
      const life = await started(stage);
      stage.server.faults.reverseUpdates(3);
      for (const text of ['one', 'two', 'three']) write(stage, supergroupId, text);
      await life.untilReceived('three');
      expect(tally(stage)).to.deep.equal({});
      stage.server.faults.withholdUpdates(3);
      for (const text of ['four', 'five', 'six', 'seven']) write(stage, supergroupId, text);
      await life.untilReceived('seven');
      expect(life.texts()).to.deep.equal(['hello', 'zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven']);
      expect(tally(stage)).to.deep.equal({ [GROUPS_DIFFERENCE]: 1 });
    }));

  it('keeps open the albums of that group, and no others', () =>
    onStage(PATIENT, async (stage) => {
      const life = await started(stage);
      const { faults, world } = stage.server;
      const album = (chat: number, ...parts: readonly string[]): void => {
        for (const text of parts) world.sendMessage({ from: ANN, chat, album: 9n, text, media: { photo: Buffer.from(text) } });
      };
      const hold = faults.hold(GROUPS_DIFFERENCE, 'after');
      faults.withholdUpdates(3);
      album(supergroupId, 'a', 'b', 'c', 'd');
      await hold.held;
      album(BOT, 'e', 'f');
      await life.untilReceived('[photo]\ne\n[photo]\nf');
      expect(life.texts()).to.have.length(3);
      hold.release();
      await life.untilReceived(['a', 'b', 'c', 'd'].map((text) => `[photo]\n${text}`).join('\n'));
    }));

  it('of one group holds up no other group, and in each all is in order', () =>
    onStage({}, async (stage) => {
      const life = await caughtUp(stage);
      const [slow = 0, quick = 0] = await withGroups(stage, life, 2);
      const { faults } = stage.server;
      const hold = faults.hold(GROUPS_DIFFERENCE, 'after');
      faults.withholdUpdates(3);
      for (let at = 0; at < 4; at++) write(stage, slow, `slow ${at}`);
      await hold.held;
      write(stage, slow, 'slow 4');
      for (let at = 0; at < 3; at++) write(stage, quick, `quick ${at}`);
      await life.untilReceived('quick 2');
      expect(life.texts()).to.not.include('slow 0');
      hold.release();
      await life.untilReceived('slow 4');
      const textsIn = (chat: number) => life.received.filter(({ chat: { id } }) => id === telegramChat(chat)).map(({ text }) => text);
      expect(textsIn(slow)).to.deep.equal([`first in ${slow}`, ...[0, 1, 2, 3, 4].map((at) => `slow ${at}`)]);
      expect(textsIn(quick)).to.deep.equal([`first in ${quick}`, ...[0, 1, 2].map((at) => `quick ${at}`)]);
    }));
});

describe('A flood wait of Telegram’s', () => {
  /** A process that has five groups, on a clock that stands still until it is told to move on. */
  const onClock = (use: (stage: Stage, life: Life, groups: readonly number[], later: (ms: number) => void) => Promise<void>) => {
    const clock = makeFixedClock(Date.now());
    const options: StageOptions = { clock };
    return onStage(options, async (stage) => {
      const life = await stage.start();
      const groups = await withGroups(stage, life, 5);
      write(stage, BOT, 'hello');
      await life.untilReceived('hello');
      await use(stage, life, groups, clock.advance);
    });
  };

  /** The connection breaks, and is there again. */
  const reconnect = async (stage: Stage, life: Life, later: (ms: number) => void): Promise<void> => {
    stage.server.cutConnections();
    await life.until('the loss is noticed', () => life.gateway.health().status === 'fail');
    await life.until('connected again', () => {
      later(50);
      return life.gateway.health().status === 'ok';
    });
  };

  it('on every difference is met by one call, over reconnects and gaps too; direct messages come in meanwhile', () =>
    onClock(async (stage, life, groups, later) => {
      const { faults, calls } = stage.server;
      for (const method of [DIFFERENCE, GROUPS_DIFFERENCE]) faults.limit(method, { calls: 0, withinMs: 1, wait: 20 });
      calls.clear();
      for (let time = 0; time < 3; time++) {
        await reconnect(stage, life, later);
        write(stage, BOT, `are you there? ${time}`);
        await life.untilReceived(`are you there? ${time}`);
      }
      expect(called(stage, DIFFERENCE) + called(stage, GROUPS_DIFFERENCE)).to.equal(1);
      // What failed with the connection is tried again, and then each group shows a gap that is fetched at once.
      later(5_000);
      faults.withholdUpdates();
      for (const chat of groups) for (let at = 0; at < 3; at++) write(stage, chat, `lost ${at}`);
      faults.withholdUpdates(0);
      for (const chat of groups) write(stage, chat, 'seen');
      await life.until('a group was asked', () => called(stage, GROUPS_DIFFERENCE) > 0);
      write(stage, BOT, 'still there?');
      await life.untilReceived('still there?');
      for (let ms = 0; ms < 10_000; ms += 500) later(500);
      write(stage, BOT, 'and now?');
      await life.untilReceived('and now?');
      expect([called(stage, DIFFERENCE), called(stage, GROUPS_DIFFERENCE)]).to.deep.equal([1, 1]);
      faults.clear();
      await life.until('all is caught up', () => {
        later(500);
        return life.texts().filter((text) => text === 'seen').length === groups.length;
      });
      for (const chat of groups)
        expect(life.received.filter(({ chat: { id } }) => id === telegramChat(chat)).map(({ text }) => text)).to.deep.equal([
          `first in ${chat}`,
          ...['lost 0', 'lost 1', 'lost 2', 'seen'],
        ]);
    }));

  it('on who people are holds up their own chats alone, and in a chat nothing changes places', () =>
    onClock(async (stage, life, _groups, later) => {
      const { faults, world } = stage.server;
      // A process that was cut off asks who somebody is whom Telegram does not describe any more: she may have another
      // name.
      faults.limit(DIFFERENCE, { calls: 0, withinMs: 1, wait: 20 });
      await reconnect(stage, life, later);
      faults.limit('users.getUsers', { calls: 0, withinMs: 1, wait: 20 });
      stage.server.calls.clear();
      write(stage, BOT, 'one');
      write(stage, BOT, 'two');
      world.sendMessage({ from: BEN, chat: BOT, text: 'from Ben' });
      await life.untilReceived('from Ben');
      expect(life.texts()).to.not.include('one');
      faults.clear();
      await life.until('the wait is over', () => {
        later(500);
        return life.texts().includes('two');
      });
      expect(life.received.filter(({ chat: { id } }) => id === telegramChat(ANN)).map(({ text }) => text)).to.deep.equal([
        'hello',
        'one',
        'two',
      ]);
      expect(life.received.find(({ text }) => text === 'one')?.sender).to.include({ username: 'ann' });
      expect(called(stage, 'users.getUsers')).to.be.at.most(3);
    }));
});
