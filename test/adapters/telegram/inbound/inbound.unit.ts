import { rejects } from 'node:assert/strict';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Api } from 'telegram/tl/index.js';
import { chatsById, usersById } from '../../../../src/adapters/telegram/client/peer-ids.ts';
import type { IncomingMessage } from '../../../../src/domain/message/message.ts';
import { MAX_MESSAGE_LENGTH } from '../../../../src/domain/message/message.ts';
import { telegramChat, telegramMessage, telegramUser } from '../../../../src/testing/index.ts';
import type { TlObject } from '../../../fakes/telegram/tl/value.ts';
import {
  ANN,
  arriving,
  BOB,
  CHANNEL,
  channel,
  context,
  DATE,
  direct,
  entity,
  fromWire,
  GROUP,
  group,
  MONOFORUM,
  message,
  OURS,
  ROBOT,
  read,
  SELF,
  STRANGER,
  SUPERGROUP,
  user,
} from './samples.ts';

const received = async (update: TlObject, overrides: Parameters<typeof read>[1] = {}): Promise<IncomingMessage> => {
  const inbound = await read(update, overrides);
  if (inbound.kind === 'ignored') throw new Error(inbound.reason);
  return inbound.message;
};
const reply = (id: number, fields: Partial<TlObject> = {}): TlObject => ({ _: 'messageReplyHeader', replyToMsgId: id, ...fields });

describe('Telegram inbound: which chat, who, when', () => {
  const ann = { id: telegramUser(ANN), username: 'ann', displayName: 'Ann Lee', kind: 'person' };

  it('a supergroup is marked -100…, and its sender is who the message names', async () => {
    expect(await received(arriving())).to.deep.equal({
      chat: { id: telegramChat(-1_000_000_000_030), kind: 'group', title: 'Project' },
      messageId: telegramMessage(70),
      sender: ann,
      text: 'hello',
      sentAt: DATE * 1000,
    });
  });

  it('a basic group is negative', async () => {
    const update: TlObject = { _: 'updateNewMessage', message: message({ peerId: group() }), pts: 1, ptsCount: 1 };
    expect(await received(update)).to.deep.include({ chat: { id: telegramChat(-GROUP), kind: 'group', title: 'Family' } });
  });

  it('a direct message names no sender: it is from the other side, and for us', async () => {
    const incoming = await received(direct());
    expect(incoming).to.deep.include({ chat: { id: telegramChat(ANN), kind: 'direct' }, addressedTo: 'us' });
    expect(incoming.sender).to.deep.equal(ann);
  });

  it('the short forms say the same in fewer words', async () => {
    const short = { id: 70, message: 'hello', pts: 1, ptsCount: 1, date: DATE };
    expect(await received({ _: 'updateShortMessage', userId: ANN, ...short })).to.deep.equal(await received(direct()));
    const inGroup: TlObject = { _: 'updateNewMessage', message: message({ peerId: group() }), pts: 1, ptsCount: 1 };
    expect(await received({ _: 'updateShortChatMessage', fromId: ANN, chatId: GROUP, ...short })).to.deep.equal(await received(inGroup));
  });

  it('an edited message says so', async () => {
    for (const _ of ['updateEditMessage', 'updateEditChannelMessage']) {
      const inbound = await read({ _, message: message(), pts: 1, ptsCount: 1 });
      expect(inbound).to.include({ kind: 'message', edited: true });
      expect(inbound.kind === 'message' && inbound.message.edited).to.equal(true);
    }
    expect(await received(arriving())).not.to.have.property('edited');
  });

  it('somebody with several usernames is known by the active one', async () => {
    expect((await received(arriving({ fromId: user(BOB) }))).sender).to.deep.equal({
      id: telegramUser(BOB),
      username: 'bob',
      displayName: 'Bob',
      kind: 'person',
    });
  });

  it('other bots are bots; what we sent, from wherever, is ours', async () => {
    expect((await received(arriving({ fromId: user(ROBOT) }))).sender.kind).to.equal('bot');
    const self = { id: telegramUser(SELF.id), username: SELF.username, kind: 'self' };
    for (const own of [
      arriving({ out: true, fromId: undefined }),
      arriving({ fromId: user(SELF.id) }),
      direct({ out: true }),
      direct({ peerId: user(SELF.id) }),
    ]) {
      const incoming = await received(own);
      expect(incoming.sender).to.deep.equal(self);
      expect(incoming).not.to.have.property('addressedTo');
    }
  });

  it("Telegram's service account is named as such, whatever is told of it: the core denies it", async () => {
    const chat = { id: telegramChat(777_000), kind: 'direct' };
    const update = direct({ peerId: user(777_000) });
    expect(await received(update)).to.deep.include({ chat, sender: { id: telegramUser(777_000), kind: 'service' } });
    expect(await read(update), 'nobody is asked who that is').to.include({ senderKnown: true });
    const users = usersById([fromWire({ _: 'user', id: 777_000, firstName: 'Telegram' })]);
    const sender = { id: telegramUser(777_000), displayName: 'Telegram', kind: 'service' };
    expect((await received(update, { users })).sender).to.deep.equal(sender);
  });

  it('a sender of whom the update tells nothing is flagged, so that nobody takes a bot for a person', async () => {
    for (const id of [STRANGER, 9]) expect(await read(arriving({ fromId: user(id) }))).to.include({ kind: 'message', senderKnown: false });
    expect(await read(arriving())).to.include({ senderKnown: true });
  });

  it('an anonymous admin, and whoever writes in the name of a channel, is anonymous, and nobody asks further', async () => {
    const admin = { id: telegramUser(1_087_968_824), displayName: 'an anonymous admin', kind: 'anonymous' };
    const from = (displayName: string) => ({ id: telegramUser(136_817_688), displayName, kind: 'anonymous' });
    for (const [update, sender] of [
      [arriving({ fromId: channel() }), admin],
      [arriving({ fromId: undefined }), admin],
      [arriving({ fromId: channel(CHANNEL) }), from('News')],
      [arriving({ fromId: channel(41) }), from('a channel')],
    ] as const) {
      expect(await read(update)).to.include({ kind: 'message', senderKnown: true });
      expect((await received(update)).sender).to.deep.equal(sender);
    }
  });

  it('a direct message is from the other side of its chat, whoever it names as its sender', async () => {
    for (const from of [user(BOB), user(STRANGER), channel(), user(SELF.id)]) {
      const incoming = await received(direct({ fromId: from }));
      expect(incoming.chat).to.deep.equal({ id: telegramChat(ANN), kind: 'direct' });
      expect(incoming.sender).to.deep.equal(ann);
    }
    expect((await received(direct({ fromId: user(BOB), out: true }))).sender).to.include({ id: telegramUser(SELF.id), kind: 'self' });
  });

  it('a username that Telegram gives to nobody is none', async () => {
    const named = (fields: Partial<TlObject>) => usersById([fromWire({ _: 'user', id: ANN, firstName: 'Ann', ...fields })]);
    for (const username of ['\u212aate', 'k ate', ' kate', '@kate', 'kate\u200b', 'кate', 'ka.te', 'kate\n', 'a'.repeat(65)])
      for (const fields of [{ username }, { usernames: [{ _: 'username', active: true, username }] }])
        expect((await received(direct(), { users: named(fields) })).sender, username).to.deep.equal({
          id: telegramUser(ANN),
          displayName: 'Ann',
          kind: 'person',
        });
    expect((await received(direct(), { users: named({ username: 'Kate_1' }) })).sender).to.include({ username: 'Kate_1' });
  });

  it('a number that Telegram gives to nobody of its kind stands for nobody of another kind, nor for a local chat', async () => {
    const base = 1_000_000_000_000;
    for (const fields of [
      { peerId: group(base + SUPERGROUP) },
      { peerId: group(2 * base) },
      { peerId: user(2 * base + 1), fromId: undefined },
      { peerId: user(2 ** 40), fromId: undefined },
      { peerId: channel(3 * base) },
      { fromId: user(2 * base) },
      { fromId: group(base + SUPERGROUP) },
    ]) {
      const inbound = await read(arriving(fields));
      expect(inbound.kind === 'ignored' ? inbound.reason : inbound).to.match(/^not well-formed: a (?:chat|user) id must be/);
    }
    expect((await received(arriving({ peerId: group(base - 1) }))).chat.id).to.equal(telegramChat(1 - base));
  });

  it('a basic group tells nothing of the supergroup that its number would be marked like', async () => {
    const chats = chatsById([
      fromWire<Api.TypeChat>({
        _: 'channel',
        id: SUPERGROUP,
        title: 'Project',
        photo: { _: 'chatPhotoEmpty' },
        date: DATE,
        broadcast: true,
      }),
      fromWire<Api.TypeChat>({
        _: 'chat',
        id: 1_000_000_000_000 + SUPERGROUP,
        title: 'Family',
        photo: { _: 'chatPhotoEmpty' },
        participantsCount: 2,
        date: DATE,
        version: 1,
      }),
    ]);
    expect(await read(arriving(), { chats })).to.deep.equal({ kind: 'ignored', reason: 'a post in a channel' });
  });

  const nobody: Readonly<Record<string, readonly [TlObject, RegExp]>> = {
    'a post in a channel': [arriving({ peerId: channel(CHANNEL), post: true, fromId: undefined }), /post in a channel/],
    'a signed post in a channel': [arriving({ peerId: channel(CHANNEL) }), /post in a channel/],
    'our own post in a channel': [arriving({ peerId: channel(CHANNEL), out: true }), /post in a channel/],
    'a direct message to a channel': [arriving({ peerId: channel(MONOFORUM) }), /direct message to a channel/],
    'a service message': [
      {
        _: 'updateNewChannelMessage',
        message: { _: 'messageService', id: 1, peerId: channel(), date: DATE, action: { _: 'messageActionPinMessage' } },
        pts: 1,
        ptsCount: 1,
      },
      /service message \(MessageActionPinMessage\)/,
    ],
    'an empty message': [{ _: 'updateNewMessage', message: { _: 'messageEmpty', id: 1 }, pts: 1, ptsCount: 1 }, /empty/],
    // In a whole message the client itself refuses such an id, and everything that came with it.
    'a message with an impossible id': [
      { _: 'updateShortMessage', id: 0, userId: ANN, message: 'hello', pts: 1, ptsCount: 1, date: DATE },
      /not well-formed: a message number/,
    ],
    'an update of another kind': [{ _: 'updateConfig' }, /UpdateConfig brings no message/],
  };
  for (const [name, [update, reason]] of Object.entries(nobody))
    it(`${name} is ignored, with a reason`, async () => {
      const inbound = await read(update);
      expect(inbound.kind === 'ignored' ? inbound.reason : inbound).to.match(reason);
    });
});

describe('Telegram inbound: whom a group message is for', () => {
  const mention = (text: string, name: string): Partial<TlObject> => ({ message: text, entities: [entity('Mention', text, name)] });
  const named = (text: string, name: string, userId: number): Partial<TlObject> => ({
    message: text,
    entities: [entity('MentionName', text, name, { userId })],
  });
  const command = (text: string, part: string): Partial<TlObject> => ({ message: text, entities: [entity('BotCommand', text, part)] });

  const cases: Readonly<Record<string, readonly [Partial<TlObject>, 'us' | 'other' | undefined, string?]>> = {
    'nobody in particular': [{ message: 'hello' }, undefined, 'hello'],
    'our username, in any case': [mention('@kept_bot do it', '@kept_bot'), 'us', 'do it'],
    'our username within': [mention('so @Kept_Bot do it', '@Kept_Bot'), 'us', 'so do it'],
    'our username at the end': [mention('do it @Kept_Bot', '@Kept_Bot'), 'us', 'do it'],
    'our username with a comma': [mention('@Kept_Bot, do it', '@Kept_Bot'), 'us', 'do it'],
    'our username before a comma': [mention('hey @Kept_Bot, do it', '@Kept_Bot'), 'us', 'hey, do it'],
    'our username on a line of its own': [mention('hey\n@Kept_Bot  do it', '@Kept_Bot'), 'us', 'hey\ndo it'],
    'our username and nothing else': [mention('@Kept_Bot', '@Kept_Bot'), 'us', '@Kept_Bot'],
    'our username, twice': [
      {
        message: '@kept_bot a @Kept_Bot b',
        entities: ['@kept_bot', '@Kept_Bot'].map((name) => entity('Mention', '@kept_bot a @Kept_Bot b', name)),
      },
      'us',
      'a b',
    ],
    'half a character as a link to us': [named('👍', '\udc4d', SELF.id), 'us', '\ufffd'],
    'our name as a link to us': [named('Kept do it', 'Kept', SELF.id), 'us', 'do it'],
    'somebody else by username': [mention('@ann do it', '@ann'), 'other', '@ann do it'],
    'somebody else by a link': [named('Ann do it', 'Ann', ANN), 'other', 'Ann do it'],
    'a longer username than ours': [mention('@Kept_Bot2 do it', '@Kept_Bot2'), 'other', '@Kept_Bot2 do it'],
    'our username without an entity, as in code': [{ message: '@Kept_Bot' }, undefined, '@Kept_Bot'],
    'us and somebody else': [
      {
        message: '@ann ask @kept_bot',
        entities: [entity('Mention', '@ann ask @kept_bot', '@ann'), entity('Mention', '@ann ask @kept_bot', '@kept_bot')],
      },
      'us',
      '@ann ask',
    ],
    'a command with our name': [command('/status@kept_bot all', '/status@kept_bot'), 'us', '/status all'],
    "a command with another's name": [command('/status@robot', '/status@robot'), 'other', '/status@robot'],
    'a command to whoever listens': [command('/status', '/status'), undefined, '/status'],
    'a reply to us': [{ replyTo: reply(OURS) }, 'us', 'hello'],
    'a reply to somebody else': [{ replyTo: reply(12) }, 'other', 'hello'],
    'a reply to somebody else that names us': [{ ...mention('@kept_bot see', '@kept_bot'), replyTo: reply(12) }, 'us', 'see'],
    'a reply to us that names somebody else': [{ ...mention('@ann see', '@ann'), replyTo: reply(OURS) }, 'us', '@ann see'],
    "Telegram's own word that we are meant": [{ mentioned: true, replyTo: reply(12) }, 'us', 'hello'],
    'a message in a topic of a forum': [{ replyTo: reply(3, { forumTopic: true }) }, undefined, 'hello'],
    'a reply to us in a topic': [{ replyTo: reply(OURS, { forumTopic: true, replyToTopId: 3 }) }, 'us', 'hello'],
    'a reply to a message of another chat': [{ replyTo: reply(OURS, { replyToPeerId: channel(CHANNEL) }) }, undefined, 'hello'],
    'a reply to a story': [{ replyTo: { _: 'messageReplyStoryHeader', peer: user(ANN), storyId: 1 } }, undefined, 'hello'],
    'an entity that reaches outside the text': [
      {
        message: 'a',
        entities: [
          { _: 'messageEntityMention', offset: 9, length: 9 },
          { _: 'messageEntityBotCommand', offset: -4, length: 2 },
        ],
      },
      'other',
      'a',
    ],
  };
  for (const [name, [fields, addressedTo, text]] of Object.entries(cases))
    it(name, async () => {
      const incoming = await received(arriving(fields));
      expect(incoming.addressedTo).to.equal(addressedTo);
      if (text !== undefined) expect(incoming.text).to.equal(text);
    });

  it('a reply says to which message of this chat', async () => {
    expect(await received(arriving({ replyTo: reply(12) }))).to.include({ replyTo: telegramMessage(12) });
    expect(await received(arriving({ replyTo: reply(3, { forumTopic: true }) }))).not.to.have.property('replyTo');
  });

  it('a topic of a forum or of a private chat is a chat of its own; General is the room, and a chain of replies is none', async () => {
    const topic = (fields: Partial<TlObject>) => ({ forumTopic: true, ...fields });
    for (const [header, thread, replyTo] of [
      [reply(3, topic({})), 3, undefined],
      [reply(12, topic({ replyToTopId: 3 })), 3, 12],
      [reply(3, topic({ replyToTopId: 3 })), 3, undefined],
      [reply(1, topic({})), undefined, undefined],
      [reply(12, topic({ replyToTopId: 1 })), undefined, 12],
      [reply(12), undefined, 12],
      [reply(12, { replyToTopId: 3 }), undefined, 12],
      [reply(99, topic({ replyToTopId: 3, replyToPeerId: user(BOB) })), 3, undefined],
      [undefined, undefined, undefined],
    ] as const)
      for (const [update, room] of [
        [arriving({ replyTo: header }), -1_000_000_000_030],
        [direct({ replyTo: header }), ANN],
      ] as const) {
        const incoming = await received(update);
        expect(incoming.chat.id).to.equal(telegramChat(room, thread));
        expect(incoming.replyTo).to.equal(replyTo && telegramMessage(replyTo));
      }
  });

  it('comments on a channel’s post are a chat of their own, also those that reply to one another', async () => {
    const isComment = async ({ top }: { readonly top: number }) => top === 3;
    for (const [header, thread, addressedTo] of [
      [reply(3), 3, undefined],
      [reply(12, { replyToTopId: 3 }), 3, 'other'],
      [reply(12, { replyToTopId: 4 }), undefined, 'other'],
      [reply(OURS, { replyToTopId: 3 }), 3, 'us'],
    ] as const) {
      const incoming = await received(arriving({ replyTo: header }), { isComment });
      expect(incoming.chat.id).to.equal(telegramChat(-1_000_000_000_030, thread));
      expect(incoming.addressedTo).to.equal(addressedTo);
    }
  });

  it('without a username of ours, nobody is taken for us', async () => {
    expect(await received(arriving(mention('@ann do', '@ann')), { self: { id: SELF.id } })).to.include({ addressedTo: 'other' });
  });

  it('a look-up that fails is passed on: the message must be read again', async () => {
    const isOurs = () => Promise.reject(new Error('storage is gone'));
    await rejects(read(arriving({ replyTo: reply(12) }), { isOurs }), /storage is gone/);
    expect(await received(arriving(), { isOurs })).to.include({ text: 'hello' });
  });

  it('a message written in blocks is read as plain text, its mentions too', async () => {
    const text: TlObject = { _: 'textPlain', text: 'ask @kept_bot, mail a@b.example' };
    const richMessage: TlObject = { _: 'richMessage', blocks: [{ _: 'pageBlockParagraph', text }], photos: [], documents: [] };
    expect(await received(arriving({ message: '', richMessage }))).to.include({ addressedTo: 'us', text: 'ask, mail a@b.example' });
  });
});

describe('Telegram inbound: the text', () => {
  it('the part of a message that a reply picks out is told beside the text, line by line', async () => {
    const quoted = (text: string, quoteText: string) => arriving({ message: text, replyTo: reply(OURS, { quote: true, quoteText }) });
    for (const text of ['why?', '/cancel 3'])
      expect(await received(quoted(text, 'first\nsecond'))).to.deep.include({
        text,
        replyTo: telegramMessage(OURS),
        replied: { quote: 'first\nsecond' },
      });
    expect(await received(arriving({ replyTo: reply(OURS) }))).not.to.have.property('replied');
  });

  it('of a message of another chat that is replied to, all is told that the reply brings', async () => {
    const replyFrom: TlObject = { _: 'messageFwdHeader', date: DATE, fromId: user(BOB) };
    const elsewhere = (fields: object) =>
      received(arriving({ replyTo: reply(3, { replyToPeerId: channel(CHANNEL), replyFrom, ...fields }) }));
    const whole = await elsewhere({ quote: true, quoteText: 'at five', replyMedia: { _: 'messageMediaDice', value: 3, emoticon: '🎲' } });
    expect(whole.replied).to.deep.equal({ from: 'Bob', text: '[dice 🎲 3]', quote: 'at five' });
    expect(whole).not.to.have.property('replyTo');
    expect((await elsewhere({})).replied).to.deep.equal({ from: 'Bob' });
  });

  it('a forward says from whom it is, and is no command', async () => {
    const forwarded = (fields: object) => arriving({ message: '/stop', fwdFrom: { _: 'messageFwdHeader', date: DATE, ...fields } });
    expect((await received(forwarded({ fromId: user(BOB) }))).text).to.equal('Forwarded from Bob:\n/stop');
    expect((await received(forwarded({ fromId: channel(CHANNEL), channelPost: 3 }))).text).to.equal('Forwarded from News:\n/stop');
    expect((await received(forwarded({ fromName: 'Hidden\nSoul' }))).text).to.equal('Forwarded from Hidden Soul:\n/stop');
    expect((await received(forwarded({ fromId: user(STRANGER) }))).text).to.equal('Forwarded:\n/stop');
  });

  it('is whole characters without control characters, no longer than a message may be', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), async (text, name) => {
        const fwdFrom: TlObject = { _: 'messageFwdHeader', date: DATE, fromName: name };
        const incoming = await received(arriving({ message: `${text}\0\r\n`, fwdFrom }));
        expect(incoming.text.isWellFormed()).to.equal(true);
        expect(incoming.text).to.match(/^Forwarded(?: from [^\n]*)?:\n[^\0\r]*$/);
      }),
    );
    const long = await received(arriving({ message: `a${'👍'.repeat(MAX_MESSAGE_LENGTH / 2)}` }));
    expect(long.text).to.have.length(MAX_MESSAGE_LENGTH - 1);
    expect(long.text.isWellFormed()).to.equal(true);
  });

  it('any entities at any place leave every other word where it was', async () => {
    const kinds = fc.constantFrom('Mention', 'BotCommand', 'Bold');
    const entities = fc.array(fc.tuple(kinds, fc.integer({ min: -5, max: 60 }), fc.integer({ min: -5, max: 60 })), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(entities, async (some) => {
        const text = 'one @kept_bot two /go@kept_bot three @ann four';
        const incoming = await received(
          arriving({ message: text, entities: some.map(([kind, offset, length]) => ({ _: `messageEntity${kind}`, offset, length })) }),
        );
        for (const word of ['one', 'two', '/go', 'three', '@ann', 'four']) expect(incoming.text).to.contain(word);
      }),
      {
        examples: [
          [
            [
              ['BotCommand', 8, 22],
              ['BotCommand', 15, 15],
            ],
          ],
        ],
      },
    );
  });
});

describe('Telegram inbound: no state is kept', () => {
  it('the same update reads the same again', async () => {
    const update = arriving({ message: '@kept_bot a', entities: [entity('Mention', '@kept_bot a', '@kept_bot')] });
    expect(await read(update)).to.deep.equal(await read(update, context));
  });
});
