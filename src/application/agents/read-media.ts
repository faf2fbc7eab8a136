import { dimensionsOf, type FileType, fileTypeOf, HEAD_BYTES, isLocked, pagesOf } from '../../domain/conversation/file-type.ts';
import type { Media } from '../../domain/conversation/media.ts';
import {
  MAX_PDF_BYTES,
  MAX_PDF_PAGES,
  MAX_PICTURE_BYTES,
  MAX_PICTURE_SIDE,
  MAX_TEXT_BYTES,
  type NotShown,
} from '../../domain/conversation/shown-files.ts';
import { present } from '../../domain/shared/present.ts';
import type { Redact } from '../../ports/redact.ts';
import type { WorkspaceFiles } from '../../ports/workspace-files.ts';

export interface Place {
  /** Paths are taken from it. */
  readonly directory: string;
  readonly signal: AbortSignal;
}
interface KnownFile {
  readonly type: FileType;
  /** How many of them are read. */
  readonly bytes: number;
}
export type Sized = KnownFile | { readonly why: NotShown };
export type Read = { readonly media: Media; readonly bytes: number } | { readonly why: NotShown };

/** Reads files as a model is shown them: what they are is told by their bytes, and never by their names. */
export const makeReadMedia = ({
  files,
  redact,
}: {
  readonly files: Pick<WorkspaceFiles, 'read' | 'readBytes'>;
  readonly redact: Redact;
}) => {
  /** What a file is, and how large, by a part of it. */
  const sizeUp = async (path: string, { directory, signal }: Place): Promise<Sized> => {
    const head = await files.readBytes(directory, path, { maxBytes: HEAD_BYTES, signal });
    const type = fileTypeOf(head.bytes);
    if (type === undefined) return { why: { reason: 'other-kind' } };
    if (type === 'text/plain') return { type, bytes: Math.min(head.sizeBytes, MAX_TEXT_BYTES) };
    const most = type === 'application/pdf' ? MAX_PDF_BYTES : MAX_PICTURE_BYTES;
    return head.sizeBytes > most ? { why: { reason: 'too-large', bytes: head.sizeBytes, most } } : { type, bytes: head.sizeBytes };
  };

  const readText = async (path: string, { directory, signal }: Place): Promise<Read> => {
    const { text, endOffset, truncated, sizeBytes } = await files.read(directory, path, { offset: 0, maxBytes: MAX_TEXT_BYTES, signal });
    const cut = truncated ? `\n(Cut here: ${endOffset} of ${sizeBytes} bytes are shown.)` : '';
    return { media: { kind: 'text', name: path, text: `${redact(text)}${cut}` }, bytes: endOffset };
  };

  /** The whole of it. */
  const readWhole = async (path: string, sized: KnownFile, { directory, signal }: Place): Promise<Read> => {
    if (sized.type === 'text/plain') return readText(path, { directory, signal });
    const { bytes, sizeBytes } = await files.readBytes(directory, path, { maxBytes: sized.bytes, signal });
    // It was another file a moment ago.
    if (sizeBytes !== sized.bytes || fileTypeOf(bytes.subarray(0, HEAD_BYTES)) !== sized.type) return { why: { reason: 'unreadable' } };
    const base64 = (): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
    if (sized.type === 'application/pdf') {
      if (isLocked(bytes)) return { why: { reason: 'locked' } };
      const pages = pagesOf(bytes);
      if (pages !== undefined && pages > MAX_PDF_PAGES) return { why: { reason: 'too-many-pages', pages } };
      return { media: { kind: 'pdf', name: path, base64: base64(), ...present({ pages }) }, bytes: sizeBytes };
    }
    const dimensions = dimensionsOf(sized.type, bytes);
    if (!dimensions) return { why: { reason: 'damaged' } };
    if (Math.max(dimensions.width, dimensions.height) > MAX_PICTURE_SIDE) return { why: { reason: 'too-wide', ...dimensions } };
    return { media: { kind: 'picture', name: path, type: sized.type, base64: base64(), ...dimensions }, bytes: sizeBytes };
  };

  return { sizeUp, readWhole };
};
