import { randomUUID } from 'node:crypto';
import { link, mkdir, open, realpath, rm } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { PortError } from '../../../ports/index.ts';

const MAX_NAME_BYTES = 150;

/**
 * A file name that is nothing but a name: letters, digits, dot, dash and underscore of any script; no path, no control.
 * The dot of a hidden file stays: such names tell which files hold secrets.
 */
export const safeName = (name: string): string => {
  const plain = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}._-]+/gu, '_')
    .replace(/^[._]+/, (start) => (start.endsWith('.') ? '.' : ''));
  const dot = plain.lastIndexOf('.');
  const extension = dot > 0 && plain.length - dot <= 12 ? plain.slice(dot) : '';
  let stem = plain.slice(0, plain.length - extension.length);
  while (Buffer.byteLength(stem + extension) > MAX_NAME_BYTES) stem = [...stem].slice(0, -1).join('');
  const safe = `${stem}${extension}`;
  return safe === '' || safe === '.' ? 'file' : safe;
};

const isInside = (directory: string, path: string): boolean => {
  const way = relative(directory, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
};

/**
 * Keeps a file as `inbox/<room>/<message>-<name>` below `directory`, and resolves to that path. A file that is there
 * already stays as it is: it came with the same message. Rejects with PortError `invalid-request` where links lead out
 * of `directory`.
 */
export const keepFile = async (
  directory: string,
  { room, message, name, bytes }: { readonly room: number; readonly message: number; readonly name: string; readonly bytes: Buffer },
): Promise<string> => {
  const root = await realpath(directory);
  let folder = root;
  for (const step of ['inbox', String(room)]) {
    // One step at a time: a link on the way is seen before anything is made behind it.
    await mkdir(join(folder, step), { recursive: true });
    folder = await realpath(join(folder, step));
    if (!isInside(root, folder)) throw new PortError('invalid-request', 'the inbox leads out of its directory', { retryable: false });
  }
  const file = `${message}-${safeName(name)}`;
  const path = join(folder, file);
  const draft = join(folder, `.${randomUUID()}.part`);
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(bytes);
    } finally {
      await handle.close();
    }
    await link(draft, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return ['inbox', String(room), file].join('/');
};
