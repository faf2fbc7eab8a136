import { expect } from 'chai';
import type { Api } from 'telegram/tl/index.js';
import { chatsById, usersById } from '../../../../src/adapters/telegram/client/peer-ids.ts';
import { telegramChat, telegramMessage, telegramUser } from '../../../../src/testing/index.ts';
import type { TlObject } from '../../../fakes/telegram/tl/value.ts';
import { received } from './inbound-stage.ts';
import {
  ANN,
  arriving,
  BOB,
  CHANNEL,
  channel,
  DATE,
  direct,
  fromWire,
  GROUP,
  group,
  MONOFORUM,
  message,
  ROBOT,
  read,
  SELF,
  STRANGER,
  SUPERGROUP,
  user,
} from './samples.ts';

describe('Telegram inbound: which chat, who, when', () => {
  const ann = { id: telegramUser(ANN), username: 'ann', displayName: 'Ann Lee', kind: 'person' };

  it('a change of a message says when it was, also where it is not to be shown as an edit', async () => {
    const changed = await received(direct({ editDate: DATE + 5 }));
    expect(changed).to.include({ editedAt: (DATE + 5) * 1000, touchedAt: (DATE + 5) * 1000 });
    const hidden = await received(direct({ editDate: DATE + 5, editHide: true }));
    expect(hidden)
      .to.include({ touchedAt: (DATE + 5) * 1000 })
      .and.not.to.have.property('editedAt');
  });

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
