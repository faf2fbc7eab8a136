import { Api } from 'telegram/tl/index.js';
import type { AttachmentKind } from '../../../domain/index.ts';
import { plainNumber } from '../client/peer-ids.ts';
import { inLine } from './readable.ts';

/** A file that came with a message. */
export interface IncomingMedia {
  readonly kind: AttachmentKind;
  /** As its sender calls it: never a path. */
  readonly fileName?: string;
  readonly mimeType?: string;
  readonly sizeBytes?: number;
  readonly durationMs?: number;
  readonly location: { readonly dcId: number; readonly file: Api.TypeInputFileLocation };
}

/** The photo in its largest size; undefined where it can't be had any more. */
export const photoMedia = (photo: Api.TypePhoto | undefined): IncomingMedia | undefined => {
  if (!(photo instanceof Api.Photo)) return undefined;
  const largest = photo.sizes.flatMap(fullSize).toSorted((a, b) => b.pixels - a.pixels)[0];
  if (!largest) return undefined;
  const { id, accessHash, fileReference, dcId } = photo;
  const file = new Api.InputPhotoFileLocation({ id, accessHash, fileReference, thumbSize: largest.type });
  return { kind: 'photo', mimeType: 'image/jpeg', sizeBytes: largest.sizeBytes, location: { dcId, file } };
};

/** Any other file, by what its attributes say it is. */
export const documentMedia = (document: Api.Document): IncomingMedia => {
  const { id, accessHash, fileReference, dcId, attributes } = document;
  const named = attributes.find((attribute) => attribute instanceof Api.DocumentAttributeFilename);
  const fileName = named && inLine(named.fileName.replace(/^.*[/\\]/s, ''));
  const seconds = attributes.find((attribute) => 'duration' in attribute)?.duration;
  return {
    kind: documentKind(attributes),
    ...(fileName ? { fileName } : {}),
    ...(document.mimeType ? { mimeType: inLine(document.mimeType) } : {}),
    sizeBytes: plainNumber(document.size),
    ...(seconds === undefined ? {} : { durationMs: Math.round(seconds * 1000) }),
    location: { dcId, file: new Api.InputDocumentFileLocation({ id, accessHash, fileReference, thumbSize: '' }) },
  };
};

const documentKind = (attributes: readonly Api.TypeDocumentAttribute[]): IncomingMedia['kind'] => {
  if (attributes.some((attribute) => attribute instanceof Api.DocumentAttributeAnimated)) return 'animation';
  for (const attribute of attributes) {
    if (attribute instanceof Api.DocumentAttributeAudio) return attribute.voice ? 'voice' : 'audio';
    if (attribute instanceof Api.DocumentAttributeVideo) return attribute.roundMessage ? 'video-note' : 'video';
  }
  return 'document';
};

interface FullSize {
  readonly type: string;
  readonly pixels: number;
  readonly sizeBytes: number;
}

/** Stripped and outlined sizes are no more than hints of a picture. */
const fullSize = (size: Api.TypePhotoSize): FullSize[] => {
  if (size instanceof Api.PhotoSize) return [{ type: size.type, pixels: size.w * size.h, sizeBytes: size.size }];
  if (size instanceof Api.PhotoSizeProgressive)
    return [{ type: size.type, pixels: size.w * size.h, sizeBytes: Math.max(0, ...size.sizes) }];
  return size instanceof Api.PhotoCachedSize ? [{ type: size.type, pixels: size.w * size.h, sizeBytes: size.bytes.length }] : [];
};
