import { returnBigInt } from 'telegram/Helpers.js';
import { Api } from 'telegram/tl/index.js';
import type { Call } from '../client/link.ts';
import type { AnswerFile } from '../format/answer.ts';

/**
 * https://core.telegram.org/api/files#uploading-files; answers are far below the 10 MB from where on other rules hold.
 */
const PART_BYTES = 512 * 1024;

/** Uploads a file under an id of its own: a repeat writes the same parts again. */
export const uploadFile = async (
  call: Call,
  fileId: string,
  { name, mimeType, bytes }: AnswerFile,
): Promise<Api.InputMediaUploadedDocument> => {
  const id = returnBigInt(fileId);
  const parts = Math.max(1, Math.ceil(bytes.length / PART_BYTES));
  for (let filePart = 0; filePart < parts; filePart++) {
    const part = bytes.subarray(filePart * PART_BYTES, (filePart + 1) * PART_BYTES);
    await call(new Api.upload.SaveFilePart({ fileId: id, filePart, bytes: part }));
  }
  return new Api.InputMediaUploadedDocument({
    file: new Api.InputFile({ id, parts, name, md5Checksum: '' }),
    mimeType,
    forceFile: true,
    attributes: [new Api.DocumentAttributeFilename({ fileName: name })],
  });
};
