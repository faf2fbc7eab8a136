import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { errorCode } from '../domain/shared/error-code.ts';
import { CommandError } from './failures.ts';

/** A link stays a link: what it leads to is written. */
export const realPathOf = (path: string): string => {
  try {
    return realpathSync(path);
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return path;
    throw thrown;
  }
};

/**
 * The file has all of the new text or all of the old one, whatever happens. It keeps its owner, its group and its mode;
 * one that is new, or that everybody could read, is for its owner alone. Throws CommandError with that code.
 */
export const replaceFile = (path: string, text: string, code: string): void => {
  const draft = `${path}.${process.pid}`;
  try {
    const before = statSync(path, { throwIfNoEntry: false });
    const file = openSync(draft, 'wx', 0o600);
    try {
      writeFileSync(file, text);
      const isKept = before !== undefined && keepsOwner(file, before) && (before.mode & 0o007) === 0;
      fchmodSync(file, isKept ? before.mode & 0o777 : 0o600);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } catch (thrown) {
    rmSync(draft, { force: true });
    throw new CommandError(`${path} can't be written (${errorCode(thrown) ?? 'unknown reason'})`, code);
  }
};

/** Whether the draft now belongs to whom the file belongs. This user may not be allowed to give a file away. */
const keepsOwner = (draft: number, { uid, gid }: Stats): boolean => {
  const own = fstatSync(draft);
  if (own.uid === uid && own.gid === gid) return true;
  try {
    fchownSync(draft, uid, gid);
    return true;
  } catch (thrown) {
    // The second in a container that does not know that user.
    if (['EPERM', 'EINVAL'].includes(errorCode(thrown) ?? '')) return false;
    throw thrown;
  }
};
