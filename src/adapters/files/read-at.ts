import type { FileHandle } from 'node:fs/promises';
import { PortError } from '../../ports/port-error.ts';

export const refuseAborted = (signal: AbortSignal): void => {
  if (signal.aborted) throw new PortError('aborted', 'the work on files was stopped', { retryable: false, cause: signal.reason });
};

/** Up to `length` bytes from `offset`; fewer only at the end of the file. */
export const readAt = async (file: FileHandle, offset: number, length: number, signal: AbortSignal): Promise<Buffer> => {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    refuseAborted(signal);
    const { bytesRead } = await file.read(buffer, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
};
