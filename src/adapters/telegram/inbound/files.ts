import { join } from 'node:path';
import { Api } from 'telegram/tl/index.js';
import { isPortError, type Notice, PortError, reasonOf } from '../../../ports/index.ts';
import { rpcErrorOf } from '../client/errors.ts';
import { fetchMessages } from '../client/fetch-messages.ts';
import { markedIdOf, messageNumberOf } from '../client/ids.ts';
import type { Call, Link } from '../client/link.ts';
import type { Peers } from '../client/peers.ts';
import type { FileSettings, TelegramBase } from '../client/settings.ts';
import { withinTime } from '../client/within-time.ts';
import type { InboundMessage } from './albums.ts';
import { readAttachment } from './attachment.ts';
import { keepFile } from './file-inbox.ts';
import type { IncomingMedia } from './media.ts';

const NAMES: Readonly<Record<IncomingMedia['kind'], string>> = {
  photo: 'photo.jpg',
  document: 'file',
  voice: 'voice.ogg',
  audio: 'audio',
  video: 'video.mp4',
  'video-note': 'video.mp4',
  animation: 'animation.mp4',
};

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;

/**
 * Downloads what came with a message, for those whose files are kept. A file that can't be had never holds up its
 * message: the text says so.
 */
export const makeFiles = (
  { clock, timing }: TelegramBase,
  {
    files: { inboxFor, maxFileBytes, transcribe },
    call,
    download,
    peers,
    notice,
  }: {
    readonly files: FileSettings;
    readonly call: Call;
    readonly download: Link['download'];
    readonly peers: Peers;
    readonly notice: Notice;
  },
) => {
  const bytesOf = async ({ location, sizeBytes = 0 }: IncomingMedia): Promise<Buffer> => {
    const ending = new AbortController();
    try {
      const options = { dcId: location.dcId, sizeBytes, signal: ending.signal };
      const bytes = await withinTime(clock, timing.downloadTimeoutMs, 'the download', download(location.file, options));
      if (bytes.length > maxFileBytes) throw tooLarge(bytes.length);
      return bytes;
    } finally {
      ending.abort();
    }
  };

  /**
   * The right to a file ends after some time (https://core.telegram.org/api/file-references); its message gives a new
   * one.
   */
  const renewed = async ({ message }: InboundMessage): Promise<IncomingMedia | undefined> => {
    const [again] = (await fetchMessages({ call, peers }, markedIdOf(message.chat.id), [messageNumberOf(message.messageId)])).messages;
    return again instanceof Api.Message ? readAttachment(again.media).media : undefined;
  };

  const tooLarge = (bytes: number): PortError =>
    new PortError('invalid-request', `it has ${mebibytes(bytes)}, and ${mebibytes(maxFileBytes)} are taken`, { retryable: false });

  const fetchFile = async (inbound: InboundMessage, media: IncomingMedia): Promise<Buffer> => {
    if ((media.sizeBytes ?? 0) > maxFileBytes) throw tooLarge(media.sizeBytes ?? 0);
    try {
      return await bytesOf(media);
    } catch (error) {
      if (!/^FILE_REFERENCE_/.test(rpcErrorOf(error) ?? '')) throw error;
      const again = await renewed(inbound);
      if (!again) throw error;
      return bytesOf(again);
    }
  };

  const spoken = async (media: IncomingMedia, path: string): Promise<string> => {
    if (!transcribe || media.kind !== 'voice') return '';
    try {
      return `\n[spoken: ${(await transcribe(path)).trim()}]`;
    } catch (error) {
      notice('voice-not-transcribed', { reason: reasonOf(error) });
      return '\n[what is said could not be written down]';
    }
  };

  /** The message's text, with the place of its file below the directory, or why it was not taken. */
  return async (inbound: InboundMessage): Promise<string> => {
    const { message, media, edited } = inbound;
    const {
      chat: { id: chatId },
      messageId,
      sender,
    } = message;
    if (!media || edited || sender.kind === 'self') return message.text;
    try {
      const directory = await inboxFor(message);
      if (directory === undefined) return message.text;
      const bytes = await fetchFile(inbound, media);
      const path = await keepFile(directory, {
        room: markedIdOf(chatId),
        message: messageNumberOf(messageId),
        name: media.fileName ?? NAMES[media.kind],
        bytes,
      });
      notice('file-fetched', { chatId, messageId, path, bytes: bytes.length });
      return `${message.text}\n[saved as ${path}]${await spoken(media, join(directory, path))}`;
    } catch (error) {
      notice('file-not-fetched', { chatId, messageId, reason: reasonOf(error) });
      // Whatever else may be wrong speaks of this machine, and is not for the chat.
      const reason = rpcErrorOf(error) ?? (isPortError(error) ? error.message : 'it could not be had');
      return `${message.text}\n[the file was not taken: ${reason}]`;
    }
  };
};
