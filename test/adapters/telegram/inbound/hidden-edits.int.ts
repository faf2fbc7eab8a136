import { expect } from 'chai';
import type { Message } from '../../../fakes/telegram/index.ts';
import { ACCOUNT, ANN, BEN, BOT, groupId, type Life, onStage, type Stage, type StageOptions, supergroupId } from '../gateway-stage.ts';

const ORDER = '@kept_bot delete everything';

const asked = ({ server }: Stage): number =>
  server.calls.items.filter(({ method }) => /^updates\.get(Channel)?Difference$/.test(method)).length;

/** Telegram's clock, which goes on at will, and a process that is up to date with both groups. */
const later = (options: StageOptions, use: (stage: Stage, life: Life, wait: () => void) => Promise<void>): Promise<void> => {
  let now = 1_800_000_000;
  const wait = (): void => {
    now += 60;
  };
  return onStage({ ...options, now: () => now }, async (stage) => {
    const life = await stage.start();
    wait();
    await use(stage, life, wait);
  });
};

/** Everything before it has come in by then. */
const heard = async ({ server }: Stage, life: Life, chat: number, text: string, to = BOT): Promise<void> => {
  server.world.sendMessage({ from: BEN, chat: chat === BEN ? to : chat, text });
  await life.untilReceived(text);
};

describe('A reaction of ours', () => {
  for (const [account, where, chat] of [
    ['bot', 'a direct message', BEN],
    ['bot', 'a basic group', groupId],
    ['bot', 'a supergroup', supergroupId],
    ['user', 'a direct message', BEN],
    ['user', 'a basic group', groupId],
    ['user', 'a supergroup', supergroupId],
  ] as const)
    it(`of a ${account} in ${where} leaves no hole: no difference is asked for, and nothing of it is received`, () =>
      onStage({ account, timing: { gapPatienceMs: 10 } }, async (stage) => {
        const to = account === 'bot' ? BOT : ACCOUNT;
        const life = await stage.start();
        await heard(stage, life, chat, 'one', to);
        await heard(stage, life, chat, 'two', to);
        const before = asked(stage);
        for (const message of [...life.received]) await life.gateway.acknowledge(message.chat.id, message.messageId);
        expect(stage.server.reactions.items).to.have.length(2);
        await heard(stage, life, chat, 'three', to);
        await heard(stage, life, chat, 'four', to);
        expect(asked(stage)).to.equal(before);
        expect(life.texts()).to.deep.equal(['one', 'two', 'three', 'four']);
      }));
});

describe('A reaction of ours to a message that was edited before', () => {
  for (const [where, chat] of [
    ['a basic group', groupId],
    ['a supergroup', supergroupId],
  ] as const)
    it(`in ${where} does not bring it once more, though Telegram tells of it as of an edit`, () =>
      onStage({}, async (stage) => {
        const life = await stage.start();
        const message = stage.server.world.sendMessage({ from: BEN, chat, text: 'frist' });
        await life.untilReceived('frist');
        stage.server.world.editMessage(message, 'first');
        await life.untilReceived('first');
        for (const {
          chat: { id: chatId },
          messageId,
        } of life.received.slice(1))
          await life.gateway.acknowledge(chatId, messageId);
        for (const text of ['after', 'the end']) await heard(stage, life, chat, text);
        expect(life.texts()).to.deep.equal(['frist', 'first', 'after', 'the end']);
      }));
});

describe('An edit that says nothing new', () => {
  const changes: Readonly<Record<string, (stage: Stage, message: Message) => void>> = {
    'somebody’s reaction': ({ server }, message) => server.world.react(ANN, message, '❤'),
    'a keyboard, a preview or a restriction': ({ server }, message) => server.world.editHidden(message),
    'the page that it links to': ({ server }, message) => server.world.preview(message),
    'that it is pinned': ({ server }, message) => server.world.pin(message),
  };

  for (const [what, change] of Object.entries(changes))
    for (const [where, chat] of [
      ['a direct message', BEN],
      ['a basic group', groupId],
      ['a supergroup', supergroupId],
    ] as const)
      it(`(${what}, in ${where}) is not received, and the stream goes on`, () =>
        onStage({ timing: { gapPatienceMs: 10 } }, async (stage) => {
          const life = await stage.start();
          await heard(stage, life, chat, 'one');
          await heard(stage, life, chat, 'two');
          const before = asked(stage);
          for (const message of stage.server.world.history(BOT, chat)) change(stage, message);
          await heard(stage, life, chat, 'three');
          expect(life.texts()).to.deep.equal(['one', 'two', 'three']);
          expect(asked(stage)).to.equal(before);
        }));

  it('is not received from a difference either, nor as a part of an album', () =>
    onStage({}, async (stage) => {
      const { world } = stage.server;
      const first = await stage.start();
      const photo = (text: string) =>
        world.sendMessage({ from: BEN, chat: supergroupId, text, album: 7n, media: { photo: Buffer.from('jpeg') } });
      const [one] = [photo('a'), photo('b')];
      await first.untilReceived('[photo]\na\n[photo]\nb');
      if (one) world.react(ANN, one, '❤');
      await heard(stage, first, supergroupId, 'then');
      await stage.stop(first);
      if (one) world.editHidden(one);
      world.sendMessage({ from: BEN, chat: supergroupId, text: 'while away' });
      const second = await stage.start();
      await second.untilReceived('while away');
      expect([first.texts().slice(1), second.texts()]).to.deep.equal([['then'], ['while away']]);
    }));

  it('keeps a real edit a real one: what somebody has changed is received', () =>
    onStage({}, async (stage) => {
      const { world } = stage.server;
      const life = await stage.start();
      const message = world.sendMessage({ from: BEN, chat: supergroupId, text: 'frist' });
      await life.untilReceived('frist');
      world.react(ANN, message, '❤');
      world.editMessage(message, 'first');
      await life.untilReceived('first');
      expect(life.received.map(({ text, edited }) => [text, edited])).to.deep.equal([
        ['frist', undefined],
        ['first', true],
      ]);
    }));
});

describe('An edit of a message that was never received', () => {
  /** The order stood in the group before the bot was there; it has heard something there since. */
  const joined = (use: (stage: Stage, life: Life, order: Message, wait: () => void) => Promise<void>): Promise<void> =>
    later({}, async (stage, life, wait) => {
      const { world } = stage.server;
      world.removeMember(supergroupId, BOT);
      const order = world.sendMessage({ from: BEN, chat: supergroupId, text: ORDER });
      wait();
      world.setMember(supergroupId, BOT);
      await heard(stage, life, supergroupId, 'welcome');
      wait();
      await use(stage, life, order, wait);
    });

  it('is history where it is from before the account joined: by a reaction, and by an edit', () =>
    joined(async (stage, life, order) => {
      const { world } = stage.server;
      world.react(ANN, order, '❤');
      world.editMessage(order, `${ORDER}!`);
      // Told as an edit, as it is one by now: what has changed is the reaction alone.
      world.react(ANN, order, '👍');
      await heard(stage, life, supergroupId, 'after');
      // A difference tells of new messages first.
      await heard(stage, life, supergroupId, 'at last');
      expect(life.texts()).to.deep.equal(['welcome', 'after', 'at last']);
    }));

  it('is history to the next process, too, live and in a difference', () =>
    joined(async (stage, life, order, wait) => {
      const { world } = stage.server;
      await stage.stop(life);
      wait();
      world.editMessage(order, `${ORDER} 1`);
      world.sendMessage({ from: BEN, chat: supergroupId, text: 'while away' });
      const second = await stage.start();
      await second.untilReceived('while away');
      world.editMessage(order, `${ORDER} 2`);
      await heard(stage, second, supergroupId, 'after');
      await heard(stage, second, supergroupId, 'at last');
      expect(second.texts()).to.deep.equal(['while away', 'after', 'at last']);
    }));

  it('is history also where an older version has stored the group’s place, which does not say since when', () =>
    joined(async (stage, life, order) => {
      const { world } = stage.server;
      await heard(stage, life, supergroupId, 'at last');
      await stage.stop(life);
      const key = `updates:${supergroupId}`;
      const { pts, top } = JSON.parse((await stage.state.get(key)) ?? '{}');
      expect(top, 'the group has a place').to.be.above(0);
      await stage.state.set(new Map([[key, JSON.stringify({ pts, top })]]));
      const second = await stage.start();
      world.react(ANN, order, '❤');
      world.editMessage(order, `${ORDER}!`);
      for (const text of ['after', 'the end']) await heard(stage, second, supergroupId, text);
      expect(second.texts()).to.deep.equal(['after', 'the end']);
      await stage.stop(second);
      expect(JSON.parse((await stage.state.get(key)) ?? '{}')).to.include({ seesAll: true });
    }));

  it('is history where the account left the group, and came back', () =>
    joined(async (stage, life, _order, wait) => {
      const { world } = stage.server;
      world.removeMember(supergroupId, BOT);
      const order = world.sendMessage({ from: BEN, chat: supergroupId, text: ORDER });
      wait();
      world.setMember(supergroupId, BOT);
      await heard(stage, life, supergroupId, 'again');
      world.editMessage(order, `${ORDER}!`);
      await heard(stage, life, supergroupId, 'after');
      // A difference tells of new messages first.
      await heard(stage, life, supergroupId, 'at last');
      expect(life.texts()).to.deep.equal(['welcome', 'again', 'after', 'at last']);
    }));

  it('is history where it is from before a bot in privacy mode became an admin; what it was told of then is not', () =>
    later({ privacyMode: true }, async (stage, life, wait) => {
      const { world } = stage.server;
      const unseen = world.sendMessage({ from: BEN, chat: supergroupId, text: 'delete everything' });
      const seen = world.sendMessage({ from: BEN, chat: supergroupId, text: '@kept_bot good mornign' });
      await life.untilReceived('good mornign');
      wait();
      world.setMember(supergroupId, BOT, { role: 'admin' });
      world.editMessage(unseen, 'delete everything!');
      world.editMessage(seen, '@kept_bot good morning');
      await life.untilReceived('good morning');
      wait();
      const now = world.sendMessage({ from: BEN, chat: supergroupId, text: 'not adressed' });
      await life.untilReceived('not adressed');
      world.editMessage(now, 'not addressed');
      await life.untilReceived('not addressed');
      expect(life.texts()).to.deep.equal(['good mornign', 'good morning', 'not adressed', 'not addressed']);
    }));

  it('is received where it was missed, and is younger than that', () =>
    later({}, async (stage, life) => {
      const { world, faults } = stage.server;
      await heard(stage, life, supergroupId, 'hello');
      faults.withholdUpdates(1);
      const missed = world.sendMessage({ from: BEN, chat: supergroupId, text: '@kept_bot frist' });
      world.editMessage(missed, '@kept_bot first');
      await life.untilReceived('first');
    }));

  it('is told with a message that is first seen afterwards, so that its words count as changed where that matters', () =>
    onStage({}, async (stage) => {
      const { world } = stage.server;
      const first = await stage.start();
      await heard(stage, first, BEN, 'before');
      await stage.stop(first);
      const hidden = world.sendMessage({ from: BEN, chat: BOT, text: '/approve 4' });
      world.editHidden(hidden);
      const edited = world.sendMessage({ from: BEN, chat: BOT, text: '/approve 5' });
      world.editMessage(edited, '/approve 6');
      world.sendMessage({ from: BEN, chat: BOT, text: '/approve 7' });
      const second = await stage.start();
      await second.untilReceived('/approve 7');
      expect(second.received.map(({ text, editedAt, touchedAt }) => [text, editedAt !== undefined, touchedAt !== undefined])).to.deep.equal(
        [
          ['/approve 4', false, true],
          ['/approve 6', true, true],
          ['/approve 7', false, false],
        ],
      );
    }));
});
