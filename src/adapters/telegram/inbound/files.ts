import { join } from 'node:path';
import { Api } from 'telegram/tl/index.js';
import type { Attachment, ChatId, FetchedAttachment, MessageId } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import { type ChatGateway, type FetchOptions, isPortError, type Notice, PortError, reasonOf } from '../../../ports/index.ts';
import { portErrorOf, rpcErrorOf } from '../client/errors.ts';
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

export interface Files {
  /** What the message brings that can be fetched: nothing of an edit, and nothing of our own. */
  attachmentsOf(inbound: InboundMessage): readonly Attachment[];
  readonly fetch: NonNullable<ChatGateway['fetchAttachments']>;
}

const NAMES: Readonly<Record<IncomingMedia['kind'], string>> = {
  photo: 'photo.jpg',
  document: 'file',
  voice: 'voice.ogg',
  audio: 'audio',
  video: 'video.mp4',
  'video-note': 'video.mp4',
  animation: 'animation.mp4',
};

/** Where the files of so many messages are is remembered; of others, Telegram is asked for the message again. */
const MAX_KNOWN = 1_000;

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;
const tooLarge = (bytes: number, maxBytes: number): PortError =>
  new PortError('invalid-request', `it has ${mebibytes(bytes)}, and ${mebibytes(maxBytes)} are taken`, { retryable: false });
const keyOf = (chatId: ChatId, messageId: MessageId): string => `${chatId}/${messageId}`;

/** Whether it may be had over the next connection, or later. */
const isPassing = (error: unknown): boolean =>
  (isPortError(error) || rpcErrorOf(error) !== undefined) && ['unavailable', 'rate-limited'].includes(portErrorOf(error).code);

/** Downloads what messages bring, and writes down what is said in voice messages. */
export const makeFiles = (
  { clock, timing }: TelegramBase,
  {
    files: { transcribe },
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
): Files => {
  const known = new Map<string, IncomingMedia>();

  const remember = (key: string, media: IncomingMedia): void => {
    known.set(key, media);
    const [oldest] = known.keys();
    if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
  };

  const bytesOf = async ({ location, sizeBytes = 0 }: IncomingMedia, { maxBytes, signal }: FetchOptions): Promise<Buffer> => {
    if (sizeBytes > maxBytes) throw tooLarge(sizeBytes, maxBytes);
    const ending = new AbortController();
    try {
      const options = { dcId: location.dcId, sizeBytes, signal: AbortSignal.any([signal, ending.signal]) };
      const bytes = await withinTime(clock, timing.downloadTimeoutMs, 'the download', download(location.file, options));
      if (bytes.length > maxBytes) throw tooLarge(bytes.length, maxBytes);
      return bytes;
    } finally {
      ending.abort();
    }
  };

  /** As its message tells now. */
  const mediaOf = async (chatId: ChatId, messageId: MessageId): Promise<IncomingMedia> => {
    const [message] = (await fetchMessages({ call, peers }, markedIdOf(chatId), [messageNumberOf(messageId)])).messages;
    const media = message instanceof Api.Message ? readAttachment(message.media).media : undefined;
    if (media) return media;
    throw new PortError('not-found', 'it is gone', { retryable: false });
  };

  /**
   * The right to a file ends after some time (https://core.telegram.org/api/file-references); its message gives a new
   * one.
   */
  const fetchFile = async (chatId: ChatId, messageId: MessageId, options: FetchOptions) => {
    const remembered = known.get(keyOf(chatId, messageId));
    if (remembered) {
      try {
        return { media: remembered, bytes: await bytesOf(remembered, options) };
      } catch (error) {
        if (!/^FILE_REFERENCE_/.test(rpcErrorOf(error) ?? '')) throw error;
      }
    }
    const media = await mediaOf(chatId, messageId);
    return { media, bytes: await bytesOf(media, options) };
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

  /** Rejects where the file may still be had later. */
  const fetchOne = async (chatId: ChatId, { messageId, kind }: Attachment, options: FetchOptions): Promise<FetchedAttachment> => {
    const { directory, signal } = options;
    try {
      const { media, bytes } = await fetchFile(chatId, messageId, options);
      const path = await keepFile(directory, {
        room: markedIdOf(chatId),
        message: messageNumberOf(messageId),
        name: media.fileName ?? NAMES[media.kind],
        bytes,
      });
      notice('file-fetched', { chatId, messageId, path, bytes: bytes.length });
      const words = `[saved as ${path}]${await spoken(media, join(directory, path))}`;
      known.delete(keyOf(chatId, messageId));
      return { messageId, kind, path, words };
    } catch (error) {
      signal.throwIfAborted();
      if (isPassing(error)) throw portErrorOf(error);
      notice('file-not-fetched', { chatId, messageId, reason: reasonOf(error) });
      // Whatever else may be wrong speaks of this machine, and is not for the chat.
      const reason = rpcErrorOf(error) ?? (isPortError(error) ? error.message : 'it could not be had');
      return { messageId, kind, words: `[the file was not taken: ${reason}]` };
    }
  };

  return {
    attachmentsOf: ({ message, media, edited }) => {
      if (!media || edited || message.sender.kind === 'self') return [];
      const { messageId } = message;
      remember(keyOf(message.chat.id, messageId), media);
      const { kind, fileName, sizeBytes } = media;
      return [{ messageId, kind, ...present({ fileName, sizeBytes }) }];
    },
    fetch: async ({ chat, attachments = [] }, options) => {
      const fetched: FetchedAttachment[] = [];
      for (const attachment of attachments) fetched.push(await fetchOne(chat.id, attachment, options));
      return fetched;
    },
  };
};
