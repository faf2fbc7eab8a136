import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { holdsPrivateKey } from '../../domain/redaction/blocks.ts';
import { readAt } from './read-at.ts';

/** Looked through for a private key; in the rest of a larger file, keys are still known by their shape. */
const MAX_SCANNED_BYTES = 4 * 1024 * 1024;
const SCANNED_AT_ONCE = 512 * 1024;

const MAX_FILES_REMEMBERED = 1_000;

/**
 * Whether a file contains a private key. Cached while the file is unchanged: a large file may be read in many parts.
 */
export const rememberKeyFiles = () => {
  const known = new Map<string, boolean>();
  return async (file: FileHandle, { dev, ino, size, mtimeMs, ctimeMs }: Stats, signal: AbortSignal): Promise<boolean> => {
    const version = [dev, ino, size, mtimeMs, ctimeMs].join(':');
    const found = known.get(version) ?? (await holdsKey(file, signal));
    if (known.size >= MAX_FILES_REMEMBERED) known.clear();
    known.set(version, found);
    return found;
  };
};

/** Whether the first few megabytes of the file contain a private key. */
const holdsKey = async (file: FileHandle, signal: AbortSignal): Promise<boolean> => {
  let tail = '';
  for (let offset = 0; offset < MAX_SCANNED_BYTES; offset += SCANNED_AT_ONCE) {
    const bytes = await readAt(file, offset, SCANNED_AT_ONCE, signal);
    const text = tail + bytes.toString('latin1');
    if (holdsPrivateKey(text)) return true;
    if (bytes.length < SCANNED_AT_ONCE) return false;
    tail = text.slice(-200);
  }
  return false;
};
