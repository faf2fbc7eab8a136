import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { makeWorkspaceFiles } from '../../../src/adapters/files/index.ts';
import { isPortError, type PortErrorCode } from '../../../src/ports/index.ts';

export const SECRET = 'what stands outside';
export const files = makeWorkspaceFiles();
export const { signal } = new AbortController();

/** The directory of the test, and within it the workspace. Both are made anew for each test. */
export let base: string;
export let root: string;

/** Each test of the suite has a workspace of two files, and beside it files that nobody may read. */
export const useWorkspaceOnDisk = (): void => {
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'kept-files-'));
    root = join(base, 'root');
    mkdirSync(root);
    mkdirSync(join(base, 'root-twin'));
    writeFileSync(join(base, 'outside.txt'), SECRET);
    writeFileSync(join(base, 'root-twin/twin.txt'), SECRET);
    write('a.txt', 'alpha\nbeta\n');
    write('src/b.ts', 'const beta = 1;\n');
  });
  afterEach(() => rmSync(base, { recursive: true }));
};

export const write = (path: string, text: string | Uint8Array): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
export const read = (path: string, offset = 0, maxBytes = 1000) => files.read(root, path, { offset, maxBytes, signal });
export const list = (path: string, limit = 100) => files.list(root, path, { limit, signal });
export const search = (pattern: string, query: { path?: string; glob?: string; ignoreCase?: boolean; limit?: number } = {}) => {
  const { path = '.', ...rest } = query;
  return files.search(root, path, { pattern, ignoreCase: false, limit: 100, ...rest }, { signal });
};

/** The refusal that the attempt ends in, which quotes nothing from outside. */
export const refusal = async (attempt: Promise<unknown>): Promise<{ code: PortErrorCode; message: string }> => {
  try {
    await attempt;
  } catch (error) {
    if (!isPortError(error)) throw error;
    expect(error.message).not.to.include(SECRET);
    return { code: error.code, message: error.message };
  }
  throw new Error('nothing was refused');
};
