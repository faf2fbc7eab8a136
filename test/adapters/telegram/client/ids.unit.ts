import { expect } from 'chai';
import fc from 'fast-check';
import {
  bareChannelId,
  canMove,
  isChannelId,
  markedChannelId,
  markedIdOf,
  messageNumberOf,
  nativeChat,
  sharesNumbers,
  telegramChatId,
  telegramMessageId,
  telegramUserId,
  userNumberOf,
} from '../../../../src/adapters/telegram/client/ids.ts';
import { type ChatId, chatId, InvalidValueError, messageId, userId } from '../../../../src/domain/index.ts';

const ROOMS: readonly [name: string, marked: number, id: string, moves: boolean, shares: boolean][] = [
  ['a person', 501, 'telegram:501', false, true],
  ['a basic group', -7, 'telegram:-7', true, true],
  ['the last basic group', -999_999_999_999, 'telegram:-999999999999', true, true],
  ['a supergroup', -1_001_234_567_890, 'telegram:-1001234567890', false, false],
];

describe('Ids of the Telegram gateway', () => {
  for (const [name, marked, id, moves, shares] of ROOMS)
    it(`name ${name} by its marked id, with its thread behind that`, () => {
      expect(telegramChatId(marked)).to.equal(id);
      expect(telegramChatId(marked, 500)).to.equal(`${id}:500`);
      for (const chat of [chatId(id), chatId(`${id}:500`)]) {
        expect(markedIdOf(chat)).to.equal(marked);
        expect([canMove(chat), sharesNumbers(chat)]).to.deep.equal([moves, shares]);
      }
      expect(nativeChat(chatId(id))).to.deep.equal({ room: marked });
      expect(nativeChat(chatId(`${id}:500`))).to.deep.equal({ room: marked, thread: 500 });
    });

  it('name messages and people by their number', () => {
    expect([telegramMessageId(7), telegramUserId(501)]).to.deep.equal(['telegram:7', 'telegram:501']);
    expect([messageNumberOf(messageId('telegram:7')), userNumberOf(userId('telegram:501'))]).to.deep.equal([7, 501]);
  });

  it('give back every number that they are made of', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.option(fc.integer({ min: 1, max: 2 ** 31 - 1 }), { nil: undefined }), (marked, thread) => {
        fc.pre(marked !== 0);
        const native = thread === undefined ? { room: marked } : { room: marked, thread };
        expect(nativeChat(telegramChatId(marked, thread))).to.deep.equal(native);
      }),
    );
    expect(bareChannelId(markedChannelId(1_234_567_890))).to.equal(1_234_567_890);
    expect([isChannelId(markedChannelId(1)), isChannelId(-1_000_000_000_000)]).to.deep.equal([true, false]);
  });

  it('are made of no number that Telegram gives to nobody', () => {
    for (const number of [Number.NaN, 0.5, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(() => telegramChatId(number)).to.throw(InvalidValueError);
      expect(() => telegramChatId(1, number)).to.throw(InvalidValueError);
      expect(() => telegramMessageId(number)).to.throw(InvalidValueError);
    }
    for (const number of [0, -1]) {
      expect(() => telegramMessageId(number)).to.throw(InvalidValueError);
      expect(() => telegramUserId(number)).to.throw(InvalidValueError);
      expect(() => telegramChatId(1, number)).to.throw(InvalidValueError);
    }
    expect(() => telegramChatId(0)).to.throw(InvalidValueError);
  });

  it('are not those of another gateway, nor anything but a number', () => {
    for (const id of ['local:1', 'other:-7', 'telegram:abc', 'telegram:1.5'] as ChatId[])
      expect(() => markedIdOf(id)).to.throw(InvalidValueError);
    expect([canMove, sharesNumbers].map((holds) => holds(chatId('other:-7')))).to.deep.equal([false, false]);
    expect([canMove, sharesNumbers].map((holds) => holds(chatId('local:1')))).to.deep.equal([false, false]);
  });

  it('are refused where a number is spelled as no output spells it, or a thread is none', () => {
    for (const id of ['0x10', '1e3', '%20', '007', '-0', '+5', '5.0']) {
      expect(() => nativeChat(chatId(`telegram:${id}`)), id).to.throw(InvalidValueError);
      expect(() => nativeChat(chatId(`telegram:-7:${id}`)), id).to.throw(InvalidValueError);
    }
    for (const thread of ['abc', '-5', '0']) expect(() => nativeChat(chatId(`telegram:-7:${thread}`)), thread).to.throw(InvalidValueError);
  });
});
