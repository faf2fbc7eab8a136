import { present } from '../../../../src/domain/shared/present.ts';
import type { TlObject } from '../tl/value.ts';
import type { Draft } from './actions.ts';
import { documentMedia, photoMedia, storeFile } from './files.ts';
import { type Group, groupOf, type Message, type Topic, type WorldState } from './state.ts';

/** A file of a message. */
export type MediaDraft =
  | { readonly document: Buffer; readonly name: string; readonly mimeType?: string }
  | { readonly photo: Buffer }
  | { readonly voice: Buffer; readonly seconds: number };

export interface NewMessage {
  readonly from: number;
  /** The marked id of the chat: the other user, `-id` of a basic group, or `-100…` of a supergroup. */
  readonly chat: number;
  readonly text?: string;
  readonly entities?: readonly TlObject[];
  /** The marked id of the group that is shown as the sender; that of the chat itself for an anonymous admin. */
  readonly inNameOf?: number;
  readonly replyTo?: Message;
  /** Its topic; by default that of the message that it replies to, else General. */
  readonly topic?: Topic;
  /**
   * It is a post that Telegram itself has forwarded to this discussion group; `inNameOf` names the channel. After
   * `World.discuss`, real posts are forwarded by themselves.
   */
  readonly isPost?: true;
  /** Forwards this message: its text and media, with its author. */
  readonly forward?: Message;
  readonly media?: MediaDraft;
  /** The buttons below it, as a bot sends them. */
  readonly markup?: TlObject;
  /** The same for all messages of one album. */
  readonly album?: bigint;
  /** A service message, such as `{ _: 'messageActionPinMessage' }`. */
  readonly action?: TlObject;
  readonly silent?: boolean;
  /** It does not mark anybody as mentioned. */
  readonly mentioned?: false;
  /** Seconds since 1970: for messages that come late. */
  readonly date?: number;
}

const mediaOf = (state: WorldState, media: MediaDraft, dcId: number): TlObject => {
  if ('photo' in media) return photoMedia(state, storeFile(state, 'photo', media.photo), dcId);
  const document = (content: Buffer, mimeType: string, attribute: TlObject): TlObject =>
    documentMedia(state, storeFile(state, 'document', content), { mimeType, attributes: [attribute], dcId });
  return 'voice' in media
    ? document(media.voice, 'audio/ogg', { _: 'documentAttributeAudio', voice: true, duration: media.seconds })
    : document(media.document, media.mimeType ?? 'application/octet-stream', { _: 'documentAttributeFilename', fileName: media.name });
};

/** The header of a channel's post that Telegram itself has forwarded to the discussion group. */
export const postHeader = (channel: Group, postId: number, date: number): TlObject => {
  const peer = { _: 'peerChannel', channelId: channel.id };
  return { _: 'messageFwdHeader', fromId: peer, channelPost: postId, savedFromPeer: peer, savedFromMsgId: postId, date };
};

const forwardHeader = (state: WorldState, { forward, isPost, inNameOf }: NewMessage): TlObject | undefined => {
  if (forward) return { _: 'messageFwdHeader', fromId: { _: 'peerUser', userId: forward.from }, date: forward.date };
  return isPost && inNameOf !== undefined ? postHeader(groupOf(state, inNameOf), 1, state.now()) : undefined;
};

/** A new message as the world posts it. */
export const draftOf = (state: WorldState, message: NewMessage, dcId: number): Draft => {
  const { text = '', entities, inNameOf, replyTo, topic, forward, media, markup, album, action, silent, mentioned, date } = message;
  return {
    text: forward?.text ?? text,
    ...present({
      entities: entities ?? forward?.entities,
      inNameOf,
      replyTo,
      thread: topic?.root,
      forward: forwardHeader(state, message),
      media: media ? mediaOf(state, media, dcId) : forward?.media,
      markup,
      groupedId: album,
      mentioned,
      action,
      silent,
      date,
    }),
  };
};
