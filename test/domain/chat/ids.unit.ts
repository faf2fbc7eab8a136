import { expect } from 'chai';
import {
  AGENT_ID,
  chatId,
  DEFAULT_LOCAL_CHAT,
  InvalidValueError,
  isLocalChat,
  localChatId,
  messageId,
  namedChat,
  OPERATOR_ID,
  promiseId,
  SELF_PING_CHAT,
  turnId,
  userId,
} from '../../../src/domain/index.ts';
import { telegramChat, telegramUser } from '../../../src/testing/index.ts';

const refused = (make: () => unknown, words: RegExp) => expect(make).to.throw(InvalidValueError, words);
const LAST_TELEGRAM_USER = 2 ** 40 - 1;

describe('ids', () => {
  it('are read from numbers and from their decimal text', () => {
    expect(telegramChat(-1_001_234_567_890)).to.equal(-1_001_234_567_890);
    expect(chatId(' -1001234567890 ')).to.equal(-1_001_234_567_890);
    expect(messageId('7')).to.equal(7);
    expect(telegramUser(LAST_TELEGRAM_USER)).to.equal(LAST_TELEGRAM_USER);
    expect(promiseId('#12')).to.equal(12);
    expect(messageId('#12')).to.equal(12);
    expect(promiseId('12')).to.equal(12);
    expect(turnId('aB_9-')).to.equal('aB_9-');
  });

  it('are refused, with what was wrong, when they are none', () => {
    for (const raw of ['', ' ', 'ada', '1.5', '1e3', '0x10', '--1', '12345678901234567', '9007199254740993', Number.NaN, 0.5, 2 ** 53]) {
      refused(() => telegramChat(raw), /^a chat id must be a whole number/);
      refused(() => telegramUser(raw), /^a user id must be/);
    }
    for (const raw of [0, '0', '-0']) refused(() => telegramChat(raw), /must not be 0/);
    for (const make of [messageId, userId, promiseId]) for (const raw of [0, -1, '-5']) refused(() => make(raw), /from 1 on/);
    refused(() => promiseId('##1'), /a promise number/);
    for (const raw of ['', 'a b', 'a/b', 'é', 'x'.repeat(65), 'a\n']) refused(() => turnId(raw), /not a turn id/);
  });

  it('quote what was given, cut short', () => {
    refused(() => messageId('x'.repeat(500)), /^.{0,200}$/);
    refused(() => messageId('"; DROP'), /not "\\"; DROP"$/);
  });
});

describe('local chats', () => {
  it('are numbered from 1, and a full id is taken as it is', () => {
    expect(DEFAULT_LOCAL_CHAT).to.equal(localChatId(1));
    expect(localChatId(DEFAULT_LOCAL_CHAT)).to.equal(DEFAULT_LOCAL_CHAT);
    expect(localChatId('999999999')).to.equal(DEFAULT_LOCAL_CHAT + 999_999_998);
  });

  it('are what a short number names where any chat can be named; a longer one is an id, as logs print it', () => {
    for (const raw of ['7', ' 7 ', String(localChatId(7)), 'local:7', `local:${localChatId(7)}`])
      expect(namedChat(raw)).to.equal(localChatId(7));
    expect(namedChat('99999')).to.equal(localChatId(99_999));
    for (const raw of ['-100123', '100000', '123456789', '1000000000', String(LAST_TELEGRAM_USER)])
      expect(namedChat(raw)).to.equal(Number(raw));
    for (const raw of [
      '',
      'home',
      'telegram:',
      'telegram:0',
      '0',
      'Telegram:7',
      'telegram:telegram:7',
      'local:',
      'local:local:7',
      `telegram:${DEFAULT_LOCAL_CHAT}`,
    ])
      refused(() => namedChat(raw), /a chat id must/);
    for (const raw of ['local:-7', 'local:0', 'local:1000000000', 'local:1.5']) refused(() => namedChat(raw), /is not a local chat/);
  });

  it('and those of Telegram have a name each that is exact, whatever the length of their number', () => {
    for (const id of [7, 123_456_789, LAST_TELEGRAM_USER, -1_001_234_567_890].map(telegramChat)) {
      expect(id).to.equal(`telegram:${id}`);
      expect(namedChat(id)).to.equal(id);
    }
    for (const id of [1, 123_456_789].map(localChatId)) expect(namedChat(id)).to.equal(id);
    expect(localChatId(7)).to.equal('local:7');
  });

  it('are never what Telegram could name', () => {
    for (const id of [1, -1, -1_001_234_567_890, LAST_TELEGRAM_USER]) expect(isLocalChat(telegramChat(id))).to.equal(false);
    expect(isLocalChat(DEFAULT_LOCAL_CHAT)).to.equal(true);
    expect(isLocalChat(SELF_PING_CHAT)).to.equal(true);
    expect(DEFAULT_LOCAL_CHAT).to.be.greaterThan(LAST_TELEGRAM_USER);
    expect(OPERATOR_ID).to.be.greaterThan(LAST_TELEGRAM_USER);
    expect(AGENT_ID).to.be.greaterThan(LAST_TELEGRAM_USER);
  });

  it('are not named by Telegram ids, nor can the self-ping chat be', () => {
    for (const raw of [-5, 1_000_000_000, LAST_TELEGRAM_USER, SELF_PING_CHAT, SELF_PING_CHAT + 1, OPERATOR_ID])
      refused(() => localChatId(raw), /is not a local chat/);
  });
});
