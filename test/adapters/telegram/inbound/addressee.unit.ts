import { rejects } from 'node:assert/strict';
import { expect } from 'chai';
import { telegramChat, telegramMessage } from '../../../../src/testing/index.ts';
import type { TlObject } from '../../../fakes/telegram/tl/value.ts';
import { received, reply } from './inbound-stage.ts';
import { ANN, arriving, BOB, CHANNEL, channel, direct, entity, OURS, read, SELF, user } from './samples.ts';

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
