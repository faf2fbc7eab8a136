import { randomBytes } from 'node:crypto';
import type { TlObject } from '../tl/value.ts';
import { accessHash } from './render.ts';
import type { StoredFile, WorldState } from './state.ts';

let lastFileId = 5_000_000_000_000_000_000n;

export const storeFile = (state: WorldState, kind: StoredFile['kind'], content: Buffer): StoredFile => {
  lastFileId += 1n;
  const file: StoredFile = { id: lastFileId, kind, content, fileReference: randomBytes(16) };
  state.files.set(file.id, file);
  return file;
};

/** The access hash of a file is the same for everybody here, so that a message is rendered once for all viewers. */
export const fileAccessHash = (file: StoredFile): bigint => accessHash(0, 'file', file.id);

export const documentMedia = (
  state: WorldState,
  file: StoredFile,
  { mimeType, attributes, dcId }: { readonly mimeType: string; readonly attributes: readonly TlObject[]; readonly dcId: number },
): TlObject => ({
  _: 'messageMediaDocument',
  document: {
    _: 'document',
    id: file.id,
    accessHash: fileAccessHash(file),
    fileReference: file.fileReference,
    date: state.now(),
    mimeType,
    size: file.content.length,
    dcId,
    attributes,
  },
});

export const photoMedia = (state: WorldState, file: StoredFile, dcId: number): TlObject => ({
  _: 'messageMediaPhoto',
  photo: {
    _: 'photo',
    id: file.id,
    accessHash: fileAccessHash(file),
    fileReference: file.fileReference,
    date: state.now(),
    sizes: [{ _: 'photoSize', type: 'x', w: 800, h: 600, size: file.content.length }],
    dcId,
  },
});
