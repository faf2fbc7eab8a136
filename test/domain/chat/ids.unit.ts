import { expect } from 'chai';
import fc from 'fast-check';
import {
  AGENT_ID,
  chatId,
  chatIdOf,
  DEFAULT_LOCAL_CHAT,
  gatewayOf,
  InvalidValueError,
  isLocalChat,
  localChatId,
  messageId,
  messageIdOf,
  namedChat,
  namedMessage,
  nativeId,
  OPERATOR_ID,
  promiseId,
  roomOf,
  SELF_PING_CHAT,
  threadOf,
  turnId,
  userId,
  userIdOf,
} from '../../../src/domain/index.ts';
import { telegramChat, telegramMessage } from '../../../src/testing/index.ts';

const refused = (make: () => unknown, words: RegExp) => expect(make).to.throw(InvalidValueError, words);

/** What platforms call their rooms, people and messages, and how an id spells it. */
const NATIVE: readonly (readonly [platform: string, native: string | number | bigint, spelled: string])[] = [
  ['telegram', 501, '501'],
  ['telegram', -1_001_234_567_890, '-1001234567890'],
  ['telegram', 2n ** 63n - 1n, '9223372036854775807'],
  ['telegram', -(2n ** 63n), '-9223372036854775808'],
  ['discord', 1_234_567_890_123_456_789n, '1234567890123456789'],
  ['slack', 'C012AB3CD', 'C012AB3CD'],
  ['slack', '1700000000.000100', '1700000000.000100'],
  ['matrix', '!room:server.org', '!room%3Aserver.org'],
  ['matrix', '@ada:server.org', '@ada%3Aserver.org'],
  ['matrix', '$eVt_w-1', '$eVt_w-1'],
  ['whatsapp', '4915112345678@s.whatsapp.net', '4915112345678@s.whatsapp.net'],
  ['e-mail', '<a b%c@d.org>', '<a%20b%25c@d.org>'],
  ['x', 'tab\tand\nline', 'tab%09and%0Aline'],
  ['x', 'nul\u0000', 'nul%00'],
  ['x', '\u00a0\u2028', '%C2%A0%E2%80%A8'],
  ['x', 'Straße 😀', 'Straße%20😀'],
  ['x', '%3A', '%253A'],
];

describe('ids of chats, people and messages', () => {
  for (const [gateway, native, spelled] of NATIVE)
    it(`spell ${JSON.stringify(String(native))} of ${gateway} as ${gateway}:${spelled}, and give it back`, () => {
      for (const make of [chatIdOf, userIdOf, messageIdOf]) {
        const id = make(gateway, native);
        expect(id).to.equal(`${gateway}:${spelled}`);
        expect(gatewayOf(id)).to.equal(gateway);
        expect(nativeId(id)).to.equal(String(native));
      }
      for (const read of [chatId, userId, messageId]) expect(read(`${gateway}:${spelled}`)).to.equal(`${gateway}:${spelled}`);
      const thread = chatIdOf(gateway, native, native);
      expect(thread).to.equal(`${gateway}:${spelled}:${spelled}`);
      expect([nativeId(thread), threadOf(thread)]).to.deep.equal([String(native), String(native)]);
    });

  it('keep 64-bit numbers exact that a floating-point number would round', () => {
    const [one, other] = [9_007_199_254_740_992n, 9_007_199_254_740_993n].map((native) => messageIdOf('discord', native));
    expect(one).to.not.equal(other);
    expect([one, other].map((id) => id && nativeId(id))).to.deep.equal(['9007199254740992', '9007199254740993']);
  });

  it('are equal only where gateway, room and thread are: no two things share a spelling', () => {
    const part = fc.oneof(fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }), fc.bigInt().map(String));
    const gateway = fc.constantFrom('telegram', 'slack', 'a', 'a-1');
    const named = fc.tuple(gateway, part, fc.option(part, { nil: undefined }));
    fc.assert(
      fc.property(named, named, (a, b) => {
        const [one, other] = [a, b].map(([name, room, thread]) => chatIdOf(name, room, thread));
        expect(one === other).to.equal(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });

  it('are read back from every id that is made, whatever the platform calls its things', () => {
    const part = fc.string({ minLength: 1, maxLength: 12, unit: 'binary' }).filter((text) => text.isWellFormed());
    fc.assert(
      fc.property(part, fc.option(part, { nil: undefined }), (room, thread) => {
        const id = chatIdOf('telegram', room, thread);
        expect(chatId(id)).to.equal(id);
        expect(nativeId(id)).to.equal(room);
        expect(threadOf(id)).to.equal(thread);
        expect(roomOf(id)).to.equal(chatIdOf('telegram', room));
        expect(id)
          .to.match(/^\P{Cc}+$/u)
          .and.match(/^\S+$/);
      }),
    );
  });

  it('are refused where they have no gateway, no name, or too many parts', () => {
    const hostile = [
      '',
      ' ',
      '501',
      '-1001234567890',
      ':501',
      'telegram:',
      'telegram::',
      'telegram::5',
      'telegram:5:',
      'telegram:5:6:7',
      'Telegram:5',
      'TELEGRAM:5',
      '1telegram:5',
      '-telegram:5',
      'tele gram:5',
      'tele_gram:5',
      'télégram:5',
      `${'a'.repeat(33)}:5`,
      ' telegram:5',
      'telegram:5 ',
      'telegram: 5',
      'telegram:5\n',
      'telegram:\u0000',
      'telegram:5\u00a0',
      'telegram:\ud800',
      `telegram:${'9'.repeat(129)}`,
      '__proto__:5',
      "telegram:5' OR '1'='1",
    ];
    for (const raw of hostile)
      for (const [read, words] of [
        [chatId, /^a chat id must be <gateway>:<id> or <gateway>:<id>:<thread>, not /],
        [userId, /^a user id must be <gateway>:<id>, not /],
        [messageId, /^a message id must be <gateway>:<id>, not /],
      ] as const)
        refused(() => read(raw), words);
    for (const read of [userId, messageId]) refused(() => read('telegram:5:6'), /must be <gateway>:<id>, not/);
  });

  it('are refused where an escape is broken, or is not how the id would be spelled', () => {
    for (const part of ['%', '%3', '%zz', '%3a', '%41', '%2F', '%C3', '%ED%A0%80', 'a%20%3', '%253a%'])
      for (const raw of [`telegram:${part}`, `telegram:5:${part}`]) refused(() => chatId(raw), /^a chat id must be/);
  });

  it('are not made of nothing, of too much, of half a character, or for a gateway without a proper name', () => {
    for (const make of [chatIdOf, userIdOf, messageIdOf]) {
      for (const native of ['', 'x'.repeat(129), ' '.repeat(43), '\ud83d', 'a\udc00'])
        refused(() => make('telegram', native), /must be <gateway>:<id>/);
      for (const gateway of ['', 'a:b', 'Telegram', 'a b']) refused(() => make(gateway, 1), /must be <gateway>:<id>/);
    }
    refused(() => chatIdOf('telegram', 1, ''), /must be <gateway>:<id>/);
  });

  it('quote what was given, cut short', () => {
    refused(() => messageId('x'.repeat(500)), /^.{0,200}$/);
    refused(() => messageId('"; DROP'), /not "\\"; DROP"$/);
  });
});

describe('threads', () => {
  it('have a room, and a room has no thread', () => {
    const thread = telegramChat(-1_001_234_567_890, 500);
    expect(thread).to.equal('telegram:-1001234567890:500');
    expect(threadOf(thread)).to.equal('500');
    expect(roomOf(thread)).to.equal('telegram:-1001234567890');
    expect(threadOf(roomOf(thread))).to.equal(undefined);
    expect(roomOf(roomOf(thread))).to.equal(roomOf(thread));
  });

  it('of one room are told apart from each other and from the room', () => {
    const chats = [telegramChat(-7), telegramChat(-7, 1), telegramChat(-7, 2), telegramChat(-7, 12)];
    expect(new Set(chats).size).to.equal(4);
    expect(new Set(chats.map(roomOf)).size).to.equal(1);
  });

  it('may have names with colons, as on Matrix', () => {
    const thread = chatIdOf('matrix', '!r:one.org', '$e:two.org');
    expect(thread).to.equal('matrix:!r%3Aone.org:$e%3Atwo.org');
    expect([nativeId(thread), threadOf(thread), gatewayOf(thread)]).to.deep.equal(['!r:one.org', '$e:two.org', 'matrix']);
  });
});

describe('local chats', () => {
  it('are written with their gateway, or as the number alone', () => {
    expect(DEFAULT_LOCAL_CHAT).to.equal('local:1');
    for (const raw of [7, '7', ' 7 ', 'local:7', ' local:7 ', '007']) expect(localChatId(raw), String(raw)).to.equal('local:7');
    expect(localChatId('999999999')).to.equal('local:999999999');
  });

  it('are refused where the number is none from 1 to 999,999,999', () => {
    const none = ['', 'local:', '0', 'local:0', -5, '1.5', '1e3', '0x10', 1_000_000_000, 'local:1000000000', 'local:local:7', 'local:7:8'];
    for (const raw of [...none, 'Local:7', 'telegram:7', SELF_PING_CHAT, OPERATOR_ID, 'home', Number.NaN])
      refused(() => localChatId(raw), /is not a local chat: a chat id must be local:<n>/);
  });

  it('are told from those of every other gateway, whatever their number', () => {
    for (const id of [DEFAULT_LOCAL_CHAT, SELF_PING_CHAT, localChatId(999_999_999)]) expect(isLocalChat(id), id).to.equal(true);
    for (const id of [telegramChat(1), chatIdOf('local2', 1), chatIdOf('loca', 1), chatIdOf('telegram', 'local:1')])
      expect(isLocalChat(id), id).to.equal(false);
    for (const id of [OPERATOR_ID, AGENT_ID]) expect(gatewayOf(id)).to.equal('local');
  });
});

describe('chats and messages, as people name them', () => {
  it('a chat is named by its id; a bare number means a local chat', () => {
    expect(namedChat('7')).to.equal('local:7');
    for (const raw of ['local:7', 'telegram:7', 'telegram:-1001234567890', 'telegram:-1001234567890:500', 'slack:C012AB3CD'])
      expect(namedChat(` ${raw} `), raw).to.equal(raw);
  });

  it('a chat is refused that has no such name, with the names that there may be', () => {
    for (const raw of ['', 'home', '-100123', 'telegram:', 'Telegram:7', 'telegram:7:8:9', 'telegram:7 8', 'local:'])
      refused(() => namedChat(raw), /^a chat id must be local:<n> or telegram:<id>/);
    for (const raw of ['0', 'local:0', '1000000000', '99999999999999999999']) refused(() => namedChat(raw), /is not a local chat/);
    refused(() => namedChat('-100123'), /write telegram:-100123$/);
    refused(() => namedChat('1000000000'), /write telegram:<id>$/);
  });

  it("a message is named by its id, or by the platform's own number with or without #", () => {
    const chat = telegramChat(501);
    for (const raw of ['17', '#17', ' #17 ', 'telegram:17', '#telegram:17'])
      expect(namedMessage(raw, chat), raw).to.equal(telegramMessage(17));
    expect(namedMessage('1700000000.000100', chatIdOf('slack', 'C1'))).to.equal('slack:1700000000.000100');
  });

  it('a message of another gateway is refused, and so is one without a name', () => {
    refused(
      () => namedMessage('slack:17', telegramChat(501)),
      /slack:17 is not a message of telegram:501: name the chat that it stands in/,
    );
    for (const raw of ['x', '0', '-1', '1.5', 'local:x'])
      refused(() => namedMessage(raw, DEFAULT_LOCAL_CHAT), /a message number must be a whole number from 1 on/);
    for (const raw of ['', '#', 'telegram:', 'telegram:1:2']) refused(() => namedMessage(raw, telegramChat(501)), /a message id must/);
  });
});

describe('numbers of promises and ids of turns', () => {
  it('a promise is named by its number, with or without #', () => {
    for (const raw of [12, '12', '#12']) expect(promiseId(raw)).to.equal(12);
    for (const raw of ['', '##1', 0, -1, '-5', '1.5', '1e3', 2 ** 53, Number.NaN]) refused(() => promiseId(raw), /a promise number/);
  });

  it('a turn has an id of 1 to 64 letters, digits, _ and -', () => {
    expect(turnId('aB_9-')).to.equal('aB_9-');
    for (const raw of ['', 'a b', 'a/b', 'é', 'x'.repeat(65), 'a\n']) refused(() => turnId(raw), /not a turn id/);
  });
});
