import { expect } from 'chai';
import { ANN, BEN, BOT, groupId, type Life, onStage, type Stage, supergroupId } from '../gateway-stage.ts';

const say = ({ server }: Stage, chat: number, ...texts: readonly string[]): void => {
  for (const text of texts) server.world.sendMessage({ from: ANN, chat, text });
};

const errors = ({ lines }: Life): readonly string[] => lines.filter(({ level }) => level === 'error').map(({ message }) => message);
const calls = ({ server }: Stage, method: string): number => server.calls.items.filter((call) => call.method === method).length;

/** Until a stream's place is stored so. */
const untilStored = ({ state }: Stage, life: Life, part: string, key = 'updates'): Promise<void> => {
  let stored: string | undefined;
  return life.until(`${part} is stored`, () => {
    void state.get(key).then((found) => {
      stored = found;
    });
    return stored?.includes(part) === true;
  });
};

/** A process that has heard so much of the chat that its place is well ahead of numbers that begin anew. */
const settled = async (stage: Stage, chat: number, options?: Parameters<Stage['start']>[0]): Promise<Life> => {
  const life = await stage.start(options);
  const texts = ['one', 'two', 'three', 'four'];
  say(stage, chat, ...texts);
  await life.untilReceived(...texts);
  await untilStored(stage, life, '"pts":5', chat === BOT ? 'updates' : `updates:${chat}`);
  return life;
};

const PROBED = { timing: { probeIntervalMs: 30 } };

describe('Restarted numbers of Telegram updates', () => {
  it('of the account are noticed when Telegram says so: missed messages are received once and in order', () =>
    onStage({}, async (stage) => {
      const life = await settled(stage, BOT);
      const { world, faults } = stage.server;
      faults.withholdUpdates();
      world.renumber(BOT, { pts: 1 });
      say(stage, BOT, 'meanwhile');
      world.sendMessage({ from: BEN, chat: groupId, text: 'in the group' });
      faults.clear();
      world.renumber(BOT, { pts: 2, told: true });
      await life.untilReceived('meanwhile', 'in the group');
      say(stage, BOT, 'after');
      await life.untilReceived('after');
      expect(life.texts()).to.deep.equal(['one', 'two', 'three', 'four', 'meanwhile', 'in the group', 'after']);
      expect(errors(life)).to.have.length(1);
    }));

  it('of the account are noticed by the first message with a new number', () =>
    onStage({}, async (stage) => {
      const life = await settled(stage, BOT);
      stage.server.world.renumber(BOT, { pts: 1 });
      say(stage, BOT, 'under a lower number');
      await life.untilReceived('under a lower number');
      say(stage, BOT, 'after');
      await life.untilReceived('after');
      expect(life.texts()).to.deep.equal(['one', 'two', 'three', 'four', 'under a lower number', 'after']);
    }));

  it('of the account are noticed by the probe if Telegram said nothing', () =>
    onStage(PROBED, async (stage) => {
      const life = await settled(stage, BOT);
      stage.server.faults.withholdUpdates();
      stage.server.world.renumber(BOT, { pts: 1 });
      say(stage, BOT, 'never told');
      await life.untilReceived('never told');
      expect(life.texts().filter((text) => text === 'never told')).to.have.length(1);
    }));

  for (const aheadIsEmpty of [false, true])
    it(`of the account are noticed after an absence if a checkpoint that is too far is ${aheadIsEmpty ? 'no error' : 'refused'}`, () =>
      onStage(PROBED, async (stage) => {
        await stage.stop(await settled(stage, BOT));
        stage.server.rules.aheadIsEmpty = aheadIsEmpty;
        stage.server.world.renumber(BOT, { pts: 1 });
        say(stage, BOT, 'while away');
        const second = await stage.start();
        await second.untilReceived('while away');
        expect(second.texts()).to.deep.equal(['while away']);
      }));

  it('of the account lose no message behind deleted ones, and bring no history if none was known', () => {
    let now = 1_800_000_000;
    return onStage({ now: () => now }, async (stage) => {
      const { world, faults } = stage.server;
      say(stage, BOT, 'history');
      now += 60;
      const life = await stage.start();
      now += 60;
      faults.withholdUpdates();
      world.deleteMessages(...Array.from({ length: 130 }, () => world.sendMessage({ from: ANN, chat: BOT, text: 'gone' })));
      say(stage, BOT, 'behind them');
      faults.clear();
      world.renumber(BOT, { pts: 1, told: true });
      await life.untilReceived('behind them');
      expect(life.texts()).to.deep.equal(['behind them']);
    });
  });

  for (const [what, numbers] of [
    ['qts', { qts: 0 }],
    ['seq', { seq: 0 }],
  ] as const)
    it(`of ${what} alone are taken from the probe, and asked for once`, () =>
      onStage(PROBED, async (stage) => {
        const life = await settled(stage, BOT);
        const { pts } = stage.server.world.state.mailboxes.get(BOT) ?? { pts: 0 };
        stage.server.world.renumber(BOT, { pts, ...numbers });
        await untilStored(stage, life, `"${what}":0`);
        const asked = calls(stage, 'updates.getDifference');
        say(stage, BOT, 'after');
        await life.untilReceived('after');
        expect(calls(stage, 'updates.getDifference')).to.equal(asked);
      }));

  for (const aheadIsEmpty of [false, true])
    it(`of a supergroup are noticed after an absence if a checkpoint that is too far is ${aheadIsEmpty ? 'no error' : 'refused'}`, () =>
      onStage({}, async (stage) => {
        await stage.stop(await settled(stage, supergroupId));
        stage.server.rules.aheadIsEmpty = aheadIsEmpty;
        stage.server.world.renumber(supergroupId, { pts: 1 });
        say(stage, supergroupId, 'while away');
        const second = await stage.start();
        await second.untilReceived('while away');
        say(stage, supergroupId, 'after');
        await second.untilReceived('after');
        expect(second.texts()).to.deep.equal(['while away', 'after']);
      }));

  it('of a supergroup are noticed by the first message with a new number', () =>
    onStage({}, async (stage) => {
      const life = await settled(stage, supergroupId);
      const { world, faults } = stage.server;
      faults.withholdUpdates(1);
      world.renumber(supergroupId, { pts: 1 });
      say(stage, supergroupId, 'never told', 'under a lower number');
      await life.untilReceived('never told', 'under a lower number');
      say(stage, supergroupId, 'after');
      await life.untilReceived('after');
      expect(life.texts().slice(4)).to.deep.equal(['never told', 'under a lower number', 'after']);
    }));

  it('of a supergroup are noticed when the account’s difference names it with a lower number', () =>
    onStage({ timing: { groupRoundMs: 60_000 } }, async (stage) => {
      const life = await settled(stage, supergroupId);
      const { world, faults } = stage.server;
      faults.withholdUpdates();
      world.renumber(supergroupId, { pts: 1 });
      say(stage, supergroupId, 'never told');
      faults.clear();
      stage.server.tellTooLong(BOT);
      await life.untilReceived('never told');
    }));

  it('are checked for once when a message comes late that was deleted since: the numbers go on', () =>
    onStage({}, async (stage) => {
      const life = await settled(stage, BOT);
      const { world, faults } = stage.server;
      faults.reverseUpdates(2);
      world.deleteMessages(world.sendMessage({ from: ANN, chat: BOT, text: 'gone at once' }));
      say(stage, BOT, 'after');
      await life.untilReceived('after');
      expect(errors(life)).to.deep.equal([]);
      expect(life.texts().filter((text) => text === 'after')).to.have.length(1);
    }));
});
