import { expect } from 'chai';
import { Api } from 'telegram/tl/index.js';
import type { TlObject } from '../../../fakes/telegram/tl/value.ts';
import { arriving, DATE, read } from './samples.ts';

const FILE = { id: 9, accessHash: 8, fileReference: Buffer.from([1, 2]), date: DATE, dcId: 2 };
const attribute = (kind: string, fields: object = {}): TlObject => ({ _: `documentAttribute${kind}`, ...fields });
const named = (fileName: string): TlObject => attribute('Filename', { fileName });
const document = (mimeType: string, ...attributes: TlObject[]): TlObject => ({
  _: 'messageMediaDocument',
  document: { _: 'document', ...FILE, mimeType, size: 1_234_567, attributes },
});
const photo = (...sizes: TlObject[]): TlObject => ({ _: 'messageMediaPhoto', photo: { _: 'photo', ...FILE, sizes } });
const size = (type: string, w: number): TlObject => ({ _: 'photoSize', type, w, h: w, size: w * 10 });
const plain = (text: string): TlObject => ({ _: 'textWithEntities', text, entities: [] });
const answer = (text: string): TlObject => ({ _: 'pollAnswer', text: plain(text), option: Buffer.from(text) });
const geo: TlObject = { _: 'geoPoint', lat: 52.5, long: 13.404_954_2, accessHash: 1 };
const poll = (fields: object = {}): TlObject => ({
  _: 'messageMediaPoll',
  poll: { _: 'poll', id: 1, question: plain('Tea?'), answers: [answer('yes'), answer('no')], hash: 0, ...fields },
  results: { _: 'pollResults' },
});

describe('Telegram inbound: what came with a text', () => {
  const words: Readonly<Record<string, readonly [TlObject, string]>> = {
    'a photo': [photo(size('m', 320)), '[photo]'],
    'a photo that is gone': [{ _: 'messageMediaPhoto', ttlSeconds: 1 }, '[photo, gone]'],
    'a file': [document('application/pdf', named('report.pdf')), '[file: report.pdf, application/pdf, 1.2 MB]'],
    'a file that is gone': [{ _: 'messageMediaDocument' }, '[file, gone]'],
    'a voice message': [document('audio/ogg', attribute('Audio', { voice: true, duration: 65 })), '[voice message: 1:05]'],
    'a song': [
      document('audio/mpeg', named('x.mp3'), attribute('Audio', { duration: 200, title: 'Air', performer: 'Bach' })),
      '[audio: Bach – Air, 3:20]',
    ],
    'a video': [document('video/mp4', named('trip.mp4'), attribute('Video', { duration: 9.6, w: 1, h: 1 })), '[video: trip.mp4, 0:10]'],
    'a video message': [
      document('video/mp4', attribute('Video', { roundMessage: true, duration: 3, w: 1, h: 1 })),
      '[video message: 0:03]',
    ],
    'an animation': [document('video/mp4', attribute('Video', { duration: 3, w: 1, h: 1 }), attribute('Animated')), '[animation: 0:03]'],
    'a sticker': [document('image/webp', attribute('Sticker', { alt: '😀', stickerset: { _: 'inputStickerSetEmpty' } })), '[sticker 😀]'],
    'a sticker without a face': [
      document('image/webp', attribute('Sticker', { alt: '', stickerset: { _: 'inputStickerSetEmpty' } })),
      '[sticker]',
    ],
    'a location': [{ _: 'messageMediaGeo', geo }, '[location at 52.5, 13.404954]'],
    'a location that is kept secret': [{ _: 'messageMediaGeo', geo: { _: 'geoPointEmpty' } }, '[location]'],
    'a live location': [{ _: 'messageMediaGeoLive', geo, period: 60 }, '[live location at 52.5, 13.404954]'],
    'a place': [
      { _: 'messageMediaVenue', geo, title: 'Zoo', address: 'Main St 1', provider: '', venueId: '', venueType: '' },
      '[place: Zoo, Main St 1 at 52.5, 13.404954]',
    ],
    'a contact': [
      { _: 'messageMediaContact', phoneNumber: '+1 555', firstName: 'Eve', lastName: '', vcard: '', userId: 0 },
      '[contact: Eve, +1 555]',
    ],
    'a poll': [poll(), '[poll: Tea? (yes / no)]'],
    'a quiz with many answers': [
      poll({ quiz: true, answers: Array.from({ length: 14 }, (_, i) => answer(String(i))) }),
      '[quiz: Tea? (0 / 1 / 2 / 3 / 4 / 5 / 6 / 7 / 8 / 9 / 10 / 11 / …)]',
    ],
    'a checklist': [
      { _: 'messageMediaToDo', todo: { _: 'todoList', title: plain('Buy'), list: [{ _: 'todoItem', id: 1, title: plain('milk') }] } },
      '[checklist: Buy (milk)]',
    ],
    'a die': [{ _: 'messageMediaDice', value: 4, emoticon: '🎲' }, '[dice 🎲 4]'],
    'what nobody knows': [{ _: 'messageMediaUnsupported' }, '[something that Telegram does not show here]'],
    'a name that would break out': [document('a/b', named('a]\n[x\u202efdp.exe')), '[file: a xfdp.exe, a/b, 1.2 MB]'],
  };
  for (const [name, [media, text]] of Object.entries(words))
    it(name, async () => {
      const inbound = await read(arriving({ message: '', media }));
      expect(inbound.kind === 'message' && inbound.message.text).to.equal(text);
    });

  it('a caption is the text, below what it is the caption of', async () => {
    const inbound = await read(arriving({ message: 'see', media: photo(size('m', 320)) }));
    expect(inbound.kind === 'message' && inbound.message.text).to.equal('[photo]\nsee');
  });

  it('a link preview adds nothing', async () => {
    const media: TlObject = { _: 'messageMediaWebPage', webpage: { _: 'webPageEmpty', id: 1 } };
    const inbound = await read(arriving({ message: 'see', media }));
    expect(inbound).to.not.have.property('media');
    expect(inbound.kind === 'message' && inbound.message.text).to.equal('see');
  });

  it('a photo is had in its largest size', async () => {
    const progressive: TlObject = { _: 'photoSizeProgressive', type: 'y', w: 1280, h: 960, sizes: [10, 900, 400] };
    const hint: TlObject = { _: 'photoStrippedSize', type: 'i', bytes: Buffer.from([1]) };
    const inbound = await read(arriving({ media: photo(hint, size('m', 320), progressive, size('x', 800)) }));
    const media = inbound.kind === 'message' ? inbound.media : undefined;
    expect(media).to.include({ kind: 'photo', mimeType: 'image/jpeg', sizeBytes: 900 });
    expect(media?.location.dcId).to.equal(2);
    const file = media?.location.file;
    if (!(file instanceof Api.InputPhotoFileLocation)) throw new Error('a photo is had as a photo');
    expect([file.id.toString(), file.accessHash.toString(), file.thumbSize]).to.deep.equal(['9', '8', 'y']);
    expect([...file.fileReference]).to.deep.equal([1, 2]);
  });

  it('a file is described, its name never a path', async () => {
    const inbound = await read(arriving({ media: document('text/plain', named('../../etc/\\..\\pass wd.txt')) }));
    const media = inbound.kind === 'message' ? inbound.media : undefined;
    expect(media).to.include({ kind: 'document', fileName: 'pass wd.txt', mimeType: 'text/plain', sizeBytes: 1_234_567 });
    expect(media?.location.file).to.be.instanceOf(Api.InputDocumentFileLocation);
    const voice = await read(arriving({ media: document('audio/ogg', attribute('Audio', { voice: true, duration: 65 })) }));
    expect(voice.kind === 'message' && voice.media).to.include({ kind: 'voice', durationMs: 65_000 });
  });

  it('messages of one album name it', async () => {
    const inbound = await read(arriving({ groupedId: 123_456_789_012_345_678n, media: photo(size('m', 320)) }));
    expect(inbound).to.include({ kind: 'message', albumId: '123456789012345678' });
    expect(await read(arriving())).not.to.have.property('albumId');
  });
});
