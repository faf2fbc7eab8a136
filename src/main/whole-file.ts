import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errorCode } from '../domain/shared/error-code.ts';
import { isProcessAlive } from '../ports/adapter-kit/process-alive.ts';

/** A draft lives for milliseconds; what is older has lost its writer. */
const DRAFT_MS = 60_000;
/** `<file>.<process id>.draft`; also `<file>.json.<process id>` and `<file>.<random id>`, which other parts write. */
const DRAFT = /\.(?:\d+\.draft|json\.\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
/** Of these, Kept alone writes such names: `settings.json.20241201` is somebody's copy. */
const OWN_DRAFT = /\.\d+\.draft$|(?:^state|\.run)\.json\.\d+$|\.(?:pid|mark)\.[0-9a-f-]{36}$/;

/**
 * Writes a file for its owner alone. Others may read it at any moment: they find all of the new text, or all of the old
 * one.
 */
export const writeWhole = (path: string, text: string): void => throughDraft(path, (file) => writeFileSync(file, text));

/**
 * The same for a file that belongs to a person: it keeps its owner, its group and its mode; one that is new, or that
 * everybody could read, is for its owner alone. It is there after a power loss.
 */
export const replaceWhole = (path: string, text: string): void => {
  sweepDraftsOf(path);
  throughDraft(path, (file) => {
    const before = statSync(path, { throwIfNoEntry: false });
    writeFileSync(file, text);
    const isKept = before !== undefined && keepsOwner(file, before) && (before.mode & 0o007) === 0;
    fchmodSync(file, isKept ? before.mode & 0o777 : 0o600);
    fsyncSync(file);
  });
};

const throughDraft = (path: string, fill: (file: number) => void): void => {
  const draft = `${path}.${process.pid}.draft`;
  // In containers, a process that was killed had the same number.
  rmSync(draft, { force: true });
  const file = openSync(draft, 'wx', 0o600);
  try {
    try {
      fill(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
};

/** Removes drafts in a directory of Kept whose writer was killed. Containers share it: no number of a process tells. */
export const sweepDrafts = (directory: string): void => {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    if (OWN_DRAFT.test(name) && isLeftDraft(path, Date.now())) rmSync(path, { force: true });
  }
};

/** Removes drafts of a file, and of its copies, that commands on this machine were killed over: they may hold keys. */
export const sweepDraftsOf = (path: string): void => {
  for (const name of readdirSync(dirname(path)).filter((each) => each.startsWith(`${basename(path)}.`))) {
    const [, pid] = /\.(\d+)\.draft$/.exec(name) ?? [];
    if (pid !== undefined && !isProcessAlive(Number(pid))) rmSync(join(dirname(path), name), { force: true });
  }
};

/** Whether that file is a draft whose writer was killed. */
export const isLeftDraft = (path: string, now: number): boolean => {
  const file = DRAFT.test(path) ? lstatSync(path, { throwIfNoEntry: false }) : undefined;
  return file?.isFile() === true && now - file.mtimeMs >= DRAFT_MS;
};

/** A link stays a link: what it leads to is written. */
export const realPathOf = (path: string): string => {
  try {
    return realpathSync(path);
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return path;
    throw thrown;
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
