import { strict as assert } from 'node:assert';
import type { ButtonTap } from '../../../../src/ports/index.ts';
import { telegramChat, telegramMessage, telegramUser } from '../../../../src/testing/index.ts';
import { ANN, answer, BEN, BOT, delivered, groupId, type Life, logged, onStage, type Stage, supergroupId } from '../gateway-stage.ts';

const BUTTONS = [
  { label: 'Approve', data: 'a:4:token' },
  { label: 'Deny', data: 'd:4:token' },
];

/** A message with buttons in that chat. */
const card = async ({ server }: Stage, life: Life, chat: number) => {
  const id = await delivered(life, answer(chat, 'May it run?', { buttons: BUTTONS }));
  const message = server.world.message(BOT, chat, id);
  assert.ok(message);
  return { id, message };
};
const answerTo = async ({ server }: Stage, query: bigint) => (await server.answered.until(({ queryId }) => queryId === query)).text;

describe('Buttons on Telegram', () => {
  it('are tapped in direct chats, groups and supergroups, each under the number that the bot gave its message', () =>
    onStage({}, async (stage) => {
      const taps: ButtonTap[] = [];
      const life = await stage.start({ tapped: async (tap) => `tap ${taps.push(tap)}` });
      stage.server.world.sendMessage({ from: ANN, chat: BOT, text: 'hello' });
      await life.untilReceived('hello');
      for (const [at, chat] of [ANN, groupId, supergroupId].entries()) {
        const { id, message } = await card(stage, life, chat);
        const query = stage.server.world.tap({ from: ANN, message, data: 'a:4:token' });
        assert.equal(await answerTo(stage, query), `tap ${at + 1}`);
        assert.deepEqual(taps[at], {
          chatId: telegramChat(chat),
          messageId: telegramMessage(id),
          sender: { id: telegramUser(ANN), username: 'ann', displayName: 'Ann', kind: 'person' },
          data: 'a:4:token',
        });
      }
    }));

  it('are answered within a second although the work takes longer', () =>
    onStage({}, async (stage) => {
      const work = Promise.withResolvers<string>();
      const life = await stage.start({ tapped: () => work.promise });
      const { message } = await card(stage, life, supergroupId);
      const startedAt = performance.now();
      const text = await answerTo(stage, stage.server.world.tap({ from: ANN, message, data: 'a:4:token' }));
      assert.ok(performance.now() - startedAt < 1_000);
      assert.match(text ?? '', /takes a moment/);
      work.resolve('Approved.');
    }));

  it('are answered in words where storage fails, and not tried again', () =>
    onStage({}, async (stage) => {
      let tries = 0;
      const life = await stage.start({
        tapped: async () => {
          tries++;
          throw new Error('storage is full');
        },
      });
      const { message } = await card(stage, life, groupId);
      assert.equal(
        await answerTo(stage, stage.server.world.tap({ from: ANN, message, data: 'a:4:token' })),
        'This did not work. Please tap again.',
      );
      assert.equal(tries, 1);
      assert.match(logged(life), /tap of a button was not worked off.*storage is full/);
    }));

  it('bring whatever a changed client sends, twice and from another person, each with its own answer', () =>
    onStage({}, async (stage) => {
      const taps: string[] = [];
      const life = await stage.start({ tapped: async ({ sender, data }) => `${sender.username}: ${taps.push(data)}` });
      const { message } = await card(stage, life, supergroupId);
      const tap = (from: number, data: string | Buffer) => answerTo(stage, stage.server.world.tap({ from, message, data }));
      assert.equal(await tap(ANN, 'forged'), 'ann: 1');
      assert.equal(await tap(BEN, 'forged'), 'ben: 2');
      assert.equal(await tap(ANN, Buffer.from([0xff, 0xfe, 0x00])), 'ann: 3');
      assert.deepEqual(taps, ['forged', 'forged', '\ufffd\ufffd\0']);
    }));

  it('are left out where Telegram refuses them: the text arrives', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      stage.server.faults.fail('messages.sendMessage', 'BUTTON_DATA_INVALID');
      const id = await delivered(life, answer(supergroupId, 'May it run?', { buttons: BUTTONS }));
      assert.equal(stage.server.world.message(BOT, supergroupId, id)?.markup, undefined);
    }));

  it('of messages that were sent by way of another bot are none of ours', () =>
    onStage({}, async (stage) => {
      const taps: ButtonTap[] = [];
      const life = await stage.start({ tapped: async (tap) => `tap ${taps.push(tap)}` });
      const msgId = { _: 'inputBotInlineMessageID', dcId: 2, id: 1n, accessHash: 2n };
      const inline = { queryId: 5n, userId: BigInt(ANN), msgId, chatInstance: 6n, data: Buffer.from('a:4:token') };
      stage.server.tellUpdate(BOT, { _: 'updateInlineBotCallbackQuery', ...inline });
      const { message } = await card(stage, life, supergroupId);
      await answerTo(stage, stage.server.world.tap({ from: ANN, message, data: 'a:4:token' }));
      assert.equal(taps.length, 1);
      assert.equal(stage.server.answered.items.length, 1);
    }));

  it('are only so many at once from people who tap and tap', () =>
    onStage({}, async (stage) => {
      const work = Promise.withResolvers<string>();
      let begun = 0;
      const life = await stage.start({
        tapped: () => {
          begun++;
          return work.promise;
        },
      });
      const { message } = await card(stage, life, supergroupId);
      for (let taps = 0; taps < 120; taps++) stage.server.world.tap({ from: BEN, message, data: 'a:4:token' });
      const answers = await stage.server.answered.untilCount(120);
      assert.equal(answers.filter(({ text }) => text?.startsWith('Too many taps')).length, 20);
      assert.equal(begun, 8);
      work.resolve('Denied.');
    }));
});
