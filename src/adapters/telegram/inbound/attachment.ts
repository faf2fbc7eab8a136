import { Api } from 'telegram/tl/index.js';
import { documentMedia, type IncomingMedia, photoMedia } from './media.ts';
import { inLine } from './readable.ts';

/** What came with a message's text. */
export interface Attachment {
  /**
   * In brackets, for the text: a model must know what was sent even where it can't look at it. Empty for link previews.
   */
  readonly words: string;
  readonly media?: IncomingMedia;
}

const MAX_CHOICES = 12;

/** What its sender wrote in it; it can't close our brackets. */
const said = (text: string): string => inLine(text.replace(/[[\]]/g, ' '));

/** Every kind of attachment in words; files also by where they can be had. */
export const readAttachment = (media: Api.TypeMessageMedia | undefined): Attachment => {
  if (!media || media instanceof Api.MessageMediaEmpty || media instanceof Api.MessageMediaWebPage) return { words: '' };
  if (media instanceof Api.MessageMediaPhoto) return withFile(photoMedia(media.photo), 'photo');
  if (media instanceof Api.MessageMediaDocument) return readDocument(media);
  const what = inWords(media);
  return { words: `[${what}]` };
};

const inWords = (media: Exclude<Api.TypeMessageMedia, Api.MessageMediaPhoto | Api.MessageMediaDocument>): string => {
  if (media instanceof Api.MessageMediaGeo) return `location${at(media.geo)}`;
  if (media instanceof Api.MessageMediaGeoLive) return `live location${at(media.geo)}`;
  if (media instanceof Api.MessageMediaVenue) return list('place', [media.title, media.address]) + at(media.geo);
  if (media instanceof Api.MessageMediaContact) return list('contact', [`${media.firstName} ${media.lastName}`, media.phoneNumber]);
  if (media instanceof Api.MessageMediaPoll) {
    const { question, answers, quiz } = media.poll;
    return choices(
      quiz ? 'quiz' : 'poll',
      question,
      answers.map(({ text }) => text),
    );
  }
  if (media instanceof Api.MessageMediaToDo)
    return choices(
      'checklist',
      media.todo.title,
      media.todo.list.map(({ title }) => title),
    );
  if (media instanceof Api.MessageMediaDice) return `dice ${said(media.emoticon)} ${media.value}`;
  if (media instanceof Api.MessageMediaGame) return list('game', [media.game.title]);
  if (media instanceof Api.MessageMediaInvoice) return list('invoice', [media.title]);
  if (media instanceof Api.MessageMediaStory) return 'story';
  if (media instanceof Api.MessageMediaPaidMedia) return 'paid media';
  if (media instanceof Api.MessageMediaGiveaway || media instanceof Api.MessageMediaGiveawayResults) return 'giveaway';
  return media instanceof Api.MessageMediaVideoStream ? 'live stream' : 'something that Telegram does not show here';
};

const NAMES: Readonly<Record<IncomingMedia['kind'], string>> = {
  photo: 'photo',
  document: 'file',
  voice: 'voice message',
  audio: 'audio',
  video: 'video',
  'video-note': 'video message',
  animation: 'animation',
};

const readDocument = ({ document }: Api.MessageMediaDocument): Attachment => {
  if (!(document instanceof Api.Document)) return withFile(undefined, 'file');
  const sticker = document.attributes.find((attribute) => attribute instanceof Api.DocumentAttributeSticker);
  if (sticker) return { words: said(sticker.alt) ? `[sticker ${said(sticker.alt)}]` : '[sticker]' };
  const song = document.attributes.find((attribute) => attribute instanceof Api.DocumentAttributeAudio);
  const title = [song?.performer, song?.title].filter(Boolean).join(' – ');
  return withFile(documentMedia(document), 'file', title);
};

/** A file that was set to vanish, and has, is only named. */
const withFile = (media: IncomingMedia | undefined, name: string, title = ''): Attachment => {
  if (!media) return { words: `[${name}, gone]` };
  const { kind, fileName, mimeType, sizeBytes, durationMs } = media;
  if (kind === 'photo') return { words: '[photo]', media };
  const details = [
    title || fileName,
    kind === 'document' ? mimeType : duration(durationMs),
    kind === 'document' ? size(sizeBytes) : undefined,
  ];
  return { words: `[${list(NAMES[kind], details)}]`, media };
};

/** `name: first, second`; parts that say nothing are left out. */
const list = (name: string, parts: readonly (string | undefined)[]): string => {
  const told = parts.flatMap((part) => said(part ?? '') || []);
  return told.length > 0 ? `${name}: ${told.join(', ')}` : name;
};

const choices = (name: string, question: Api.TypeTextWithEntities, answers: readonly Api.TypeTextWithEntities[]): string => {
  const shown = answers.slice(0, MAX_CHOICES).map(({ text }) => said(text));
  return `${list(name, [question.text])} (${[...shown, ...(answers.length > MAX_CHOICES ? ['…'] : [])].join(' / ')})`;
};

const at = (geo: Api.TypeGeoPoint): string => (geo instanceof Api.GeoPoint ? ` at ${degrees(geo.lat)}, ${degrees(geo.long)}` : '');
/** Six places are a tenth of a metre. */
const degrees = (value: number): string => String(Number(value.toFixed(6)));

const duration = (ms: number | undefined): string | undefined => {
  if (ms === undefined) return undefined;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};

const size = (bytes: number | undefined): string | undefined => {
  if (bytes === undefined) return undefined;
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
};
