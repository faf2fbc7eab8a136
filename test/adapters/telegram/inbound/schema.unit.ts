import { expect } from 'chai';
import { numberIn, telegramMessage } from '../../../../src/testing/index.ts';
import { productSchema } from '../../../fakes/telegram/tl/client-schemas.ts';
import type { Definition, Field } from '../../../fakes/telegram/tl/schema.ts';
import type { TlObject, TlValue } from '../../../fakes/telegram/tl/value.ts';
import { ANN, arriving, channel, read, user } from './samples.ts';

const definitions = [...productSchema().byId.values()];
const constructorsOf = (type: string): readonly Definition[] =>
  definitions.filter(({ result, isFunction }) => result === type && !isFunction);

/** How far into an object its optional fields are filled; deeper down, only what must be there is. */
const FULL_DEPTH = 3;

const VALUES: Readonly<Record<string, TlValue>> = {
  int: 1,
  long: 1n,
  double: 1.5,
  string: 'text',
  bytes: Buffer.from([1]),
  true: true,
  Bool: true,
  int128: Buffer.alloc(16),
  int256: Buffer.alloc(32),
};

/** The constructor of a type with the fewest ways to go on for ever. */
const plainest = (type: string): Definition => {
  const [first] = constructorsOf(type).toSorted((a, b) => a.fields.length - b.fields.length);
  if (!first) throw new Error(`no constructor makes a ${type}`);
  return first;
};

/** An instance: `depth` levels with every field, then with as few as the schema allows. */
const instance = (definition: Definition, depth: number): TlObject => ({
  _: definition.name,
  ...Object.fromEntries(
    definition.fields
      .filter(({ type, flag }) => type.base !== '#' && (!flag || depth > 0))
      .map((field) => [field.name, fieldOf(field, depth)]),
  ),
});

const fieldOf = ({ type }: Field, depth: number): TlValue => {
  if (type.vector !== 'none' && depth <= 0) return [];
  const value = VALUES[type.base] ?? instance(type.base === 'Message' && depth > 0 ? fullMessage : plainest(type.base), depth - 1);
  return type.vector === 'none' ? value : [value];
};
const fullMessage = constructorsOf('Message').find(({ name }) => name === 'message') as Definition;

/** Whatever it is: a message that the core takes, or ignored with a reason. */
const expectVerdict = async (update: TlObject): Promise<'message' | 'ignored'> => {
  const inbound = await read(update);
  if (inbound.kind === 'ignored') expect(inbound.reason).to.match(/\w{3}/);
  else {
    expect(inbound.message.messageId).to.equal(telegramMessage(numberIn(inbound.message.messageId)));
    expect(numberIn(inbound.message.chat.id)).not.to.equal(0);
    expect(inbound.message.text.isWellFormed()).to.equal(true);
  }
  return inbound.kind;
};

describe("Telegram inbound: everything that Telegram's schema has", () => {
  for (const type of ['Update', 'Updates'])
    it(`every kind of ${type} is read as a message, or ignored with a reason`, async () => {
      const messages = new Set<string>();
      const constructors = constructorsOf(type);
      for (const definition of constructors)
        for (const depth of [0, FULL_DEPTH])
          if ((await expectVerdict(instance(definition, depth))) === 'message') messages.add(definition.name);
      expect(constructors.length).to.be.greaterThan(type === 'Update' ? 150 : 6);
      expect([...messages].toSorted()).to.deep.equal(type === 'Update' ? [] : ['updateShortChatMessage', 'updateShortMessage']);
    });

  it('every kind of message, new or edited, in every kind of chat', async () => {
    for (const definition of constructorsOf('Message'))
      for (const depth of [0, FULL_DEPTH])
        for (const peerId of [user(ANN), { _: 'peerChat', chatId: 3 }, channel()])
          for (const _ of ['updateNewMessage', 'updateNewChannelMessage', 'updateEditMessage', 'updateEditChannelMessage']) {
            const known = { peerId, fromId: user(ANN), post: false, out: false };
            const fields = Object.entries(known).filter(([name]) => definition.fields.some((field) => field.name === name));
            const whole = { ...instance(definition, depth), ...Object.fromEntries(fields) };
            const verdict = await expectVerdict({ _, message: whole, pts: 1, ptsCount: 1 });
            expect(verdict).to.equal(definition === fullMessage ? 'message' : 'ignored');
          }
  });

  const places: Readonly<Record<string, (part: TlObject) => TlObject>> = {
    MessageMedia: (media) => arriving({ media }),
    MessageEntity: (entity) => arriving({ entities: [entity, entity] }),
    MessageReplyHeader: (replyTo) => arriving({ replyTo }),
    MessageFwdHeader: (fwdFrom) => arriving({ fwdFrom }),
    Peer: (fromId) => arriving({ fromId }),
    Document: (document) => arriving({ media: { _: 'messageMediaDocument', document } }),
    DocumentAttribute: (attribute) =>
      arriving({
        media: {
          _: 'messageMediaDocument',
          document: {
            ...instance(constructorsOf('Document').find(({ name }) => name === 'document') as Definition, 0),
            attributes: [attribute],
          },
        },
      }),
    Photo: (photo) => arriving({ media: { _: 'messageMediaPhoto', photo } }),
    PageBlock: (block) => arriving({ message: '', richMessage: { _: 'richMessage', blocks: [block], photos: [], documents: [] } }),
    RichText: (text) =>
      arriving({ message: '', richMessage: { _: 'richMessage', blocks: [{ _: 'pageBlockParagraph', text }], photos: [], documents: [] } }),
    MessageAction: (action) => ({
      _: 'updateNewMessage',
      message: { _: 'messageService', id: 1, peerId: channel(), date: 1, action },
      pts: 1,
      ptsCount: 1,
    }),
  };
  for (const [type, place] of Object.entries(places))
    it(`every kind of ${type} in a message`, async () => {
      for (const definition of constructorsOf(type))
        for (const depth of [0, FULL_DEPTH]) await expectVerdict(place(instance(definition, depth)));
      expect(constructorsOf(type)).not.to.have.length(0);
    });
});
