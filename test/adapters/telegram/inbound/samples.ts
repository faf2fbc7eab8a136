import { BinaryReader } from 'telegram/extensions/index.js';
import { installMessageBehaviour } from 'telegram/tl/custom/message.js';
import type { Api } from 'telegram/tl/index.js';
import { chatsById, usersById } from '../../../../src/adapters/telegram/client/peer-ids.ts';
import { type Inbound, type InboundContext, toIncoming } from '../../../../src/adapters/telegram/inbound/to-incoming.ts';
import { telegramMessage } from '../../../../src/testing/index.ts';
import { encode } from '../../../fakes/telegram/tl/codec.ts';
import type { TlObject } from '../../../fakes/telegram/tl/value.ts';

// The first client of a process changes how messages are read: here they are read so from the start, whatever ran
// before.
installMessageBehaviour();

/** The value as the client reads it from the wire: absent fields are null there. */
export const fromWire = <T>(value: TlObject): T => new BinaryReader(encode(value)).tgReadObject() as T;

export const SELF = { id: 1_000, username: 'Kept_Bot' };
export const ANN = 5;
export const BOB = 6;
export const ROBOT = 7;
export const STRANGER = 8;
export const GROUP = 20;
export const SUPERGROUP = 30;
export const CHANNEL = 40;
export const MONOFORUM = 50;
/** The messages of ours that may be replied to. */
export const OURS = 11;
export const DATE = 1_700_000_000;

export const user = (id: number): TlObject => ({ _: 'peerUser', userId: id });
export const group = (id = GROUP): TlObject => ({ _: 'peerChat', chatId: id });
export const channel = (id = SUPERGROUP): TlObject => ({ _: 'peerChannel', channelId: id });

const noPhoto: TlObject = { _: 'chatPhotoEmpty' };
const channelOf = (id: number, title: string, flags: object): TlObject => ({
  _: 'channel',
  id,
  title,
  photo: noPhoto,
  date: DATE,
  ...flags,
});

export const PEOPLE: readonly TlObject[] = [
  { _: 'user', id: ANN, firstName: 'Ann', lastName: 'Lee', username: 'ann' },
  {
    _: 'user',
    id: BOB,
    firstName: 'Bob',
    usernames: [
      { _: 'username', username: 'old_bob' },
      { _: 'username', active: true, username: 'bob' },
    ],
  },
  { _: 'user', id: ROBOT, firstName: 'Robot', bot: true, botInfoVersion: 1, username: 'robot' },
  { _: 'userEmpty', id: 9 },
];
export const PLACES: readonly TlObject[] = [
  { _: 'chat', id: GROUP, title: 'Family', photo: noPhoto, participantsCount: 2, date: DATE, version: 1 },
  channelOf(SUPERGROUP, 'Project', { megagroup: true }),
  channelOf(CHANNEL, 'News', { broadcast: true }),
  channelOf(MONOFORUM, 'Desk', { megagroup: true, monoforum: true }),
];

export const context: InboundContext = {
  self: SELF,
  users: usersById(PEOPLE.map((each) => fromWire<Api.TypeUser>(each))),
  chats: chatsById(PLACES.map((each) => fromWire<Api.TypeChat>(each))),
  isOurs: (_, id) => id === telegramMessage(OURS),
};

export const read = (update: TlObject, overrides: Partial<InboundContext> = {}): Promise<Inbound> =>
  toIncoming(fromWire<Api.TypeUpdate | Api.TypeUpdates>(update), { ...context, ...overrides });

/** A message in the supergroup, by Ann. */
export const message = (fields: Partial<TlObject> = {}): TlObject => ({
  _: 'message',
  id: 70,
  peerId: channel(),
  fromId: user(ANN),
  date: DATE,
  message: 'hello',
  ...fields,
});
export const arriving = (fields: Partial<TlObject> = {}): TlObject => ({
  _: 'updateNewChannelMessage',
  message: message(fields),
  pts: 1,
  ptsCount: 1,
});
export const direct = (fields: Partial<TlObject> = {}): TlObject => ({
  _: 'updateNewMessage',
  message: message({ peerId: user(ANN), fromId: undefined, ...fields }),
  pts: 1,
  ptsCount: 1,
});

/** An entity over each place where `part` stands in the text. */
export const entity = (kind: string, text: string, part: string, fields: Partial<TlObject> = {}): TlObject => ({
  _: `messageEntity${kind}`,
  offset: text.indexOf(part),
  length: part.length,
  ...fields,
});
