import { createHash } from 'node:crypto';
import { rpcError } from '../rpc-error.ts';
import { bytes, int, long, object, objects, type TlObject, text } from '../tl/value.ts';
import { documentMedia, fileAccessHash, photoMedia, storeFile } from '../world/files.ts';
import type { StoredFile } from '../world/state.ts';
import type { Service, UserCall, UserMethod } from './call.ts';

const savePart: UserMethod = ({ request, service }) => {
  const part = bytes(request, 'bytes');
  if (part.length === 0) throw rpcError('FILE_PART_EMPTY');
  if (part.length > 524_288) throw rpcError('FILE_PART_TOO_BIG');
  const fileId = long(request, 'fileId');
  const parts = service.uploads.get(fileId) ?? new Map<number, Buffer>();
  parts.set(int(request, 'filePart'), part);
  service.uploads.set(fileId, parts);
  return true;
};

const uploaded = (service: Service, input: TlObject): Buffer => {
  const parts = service.uploads.get(long(input, 'id'));
  const count = int(input, 'parts');
  if (!parts || count < 1) throw rpcError('FILE_PARTS_INVALID');
  const content = Buffer.concat(
    Array.from({ length: count }, (_, at) => {
      const part = parts.get(at);
      if (!part) throw rpcError(`FILE_PART_${at}_MISSING`);
      return part;
    }),
  );
  const checksum = input._ === 'inputFile' ? text(input, 'md5Checksum') : '';
  if (checksum !== '' && checksum !== createHash('md5').update(content).digest('hex')) throw rpcError('MD5_CHECKSUM_INVALID');
  return content;
};

const stored = (service: Service, input: TlObject, kind: StoredFile['kind']): StoredFile => {
  const file = service.world.state.files.get(long(input, 'id'));
  if (file?.kind !== kind || long(input, 'accessHash') !== fileAccessHash(file)) throw rpcError('MEDIA_INVALID');
  if (!bytes(input, 'fileReference').equals(file.fileReference)) throw rpcError('FILE_REFERENCE_EXPIRED');
  return file;
};

/** The media of a message that an `InputMedia` becomes. */
export const mediaOfInput = ({ service }: UserCall, input: TlObject): TlObject => {
  const { state } = service.world;
  switch (input._) {
    case 'inputMediaUploadedPhoto':
      return photoMedia(state, storeFile(state, 'photo', uploaded(service, object(input, 'file'))), service.dcId);
    case 'inputMediaUploadedDocument':
      return documentMedia(state, storeFile(state, 'document', uploaded(service, object(input, 'file'))), {
        mimeType: text(input, 'mimeType'),
        attributes: objects(input, 'attributes'),
        dcId: service.dcId,
      });
    case 'inputMediaPhoto':
      return photoMedia(state, stored(service, object(input, 'id'), 'photo'), service.dcId);
    case 'inputMediaDocument':
      return documentMedia(state, stored(service, object(input, 'id'), 'document'), {
        mimeType: 'application/octet-stream',
        attributes: [],
        dcId: service.dcId,
      });
    case 'inputMediaEmpty':
      throw rpcError('MEDIA_EMPTY');
    default:
      throw rpcError('MEDIA_INVALID');
  }
};

const getFile: UserMethod = ({ request, service }) => {
  const location = object(request, 'location');
  const kind = location._ === 'inputDocumentFileLocation' ? 'document' : 'photo';
  if (kind === 'photo' && location._ !== 'inputPhotoFileLocation') throw rpcError('LOCATION_INVALID');
  const offset = Number(long(request, 'offset'));
  const limit = int(request, 'limit');
  if (offset % 1024 !== 0) throw rpcError('OFFSET_INVALID');
  if (limit <= 0 || limit % 1024 !== 0 || limit > 1_048_576) throw rpcError('LIMIT_INVALID');
  const file = stored(service, location, kind);
  const type = { _: kind === 'photo' ? 'storage.fileJpeg' : 'storage.fileUnknown' };
  return { _: 'upload.file', type, mtime: service.world.state.now(), bytes: Buffer.from(file.content.subarray(offset, offset + limit)) };
};

/** https://core.telegram.org/api/files */
export const MEDIA_METHODS: Readonly<Record<string, UserMethod>> = {
  'upload.saveFilePart': savePart,
  'upload.saveBigFilePart': savePart,
  'upload.getFile': getFile,
  'messages.uploadMedia': (call) => mediaOfInput(call, object(call.request, 'media')),
};
