import { strict as assert } from 'node:assert';
import { isPortError, type WorkspaceFiles } from '../ports/index.ts';
import type { Contract } from './contract.ts';

/**
 * A directory tree, `root`, with `a.txt` ("alpha\nbeta\n"), `src/b.ts` ("const beta = 1;\n") and `binary.dat` (bytes
 * with zeros). Beside it `outside.txt`; in it `link`, a symbolic link to that.
 */
export interface FilesTrial {
  readonly files: WorkspaceFiles;
  readonly root: string;
}

const { signal } = new AbortController();

const codeOf = async (attempt: Promise<unknown>, path: string): Promise<string> => {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(isPortError(error), `${path} is refused as a PortError`);
  assert.ok(error.message.includes(path), `${error.message} names ${path}`);
  return error.code;
};

/** The law of `WorkspaceFiles`. */
export const workspaceFilesContract: Contract<FilesTrial> = {
  'reads a text file from an offset, and says where the text ends': async ({ files, root }) => {
    const whole = await files.read(root, 'a.txt', { offset: 0, maxBytes: 100, signal });
    assert.deepEqual(
      { text: whole.text, sizeBytes: whole.sizeBytes, endOffset: whole.endOffset, truncated: whole.truncated },
      { text: 'alpha\nbeta\n', sizeBytes: 11, endOffset: 11, truncated: false },
    );
    const part = await files.read(root, 'a.txt', { offset: 6, maxBytes: 4, signal });
    assert.deepEqual([part.text, part.endOffset, part.truncated], ['beta', 10, true]);
  },

  'refuses a binary file': async ({ files, root }) => {
    assert.equal(await codeOf(files.read(root, 'binary.dat', { offset: 0, maxBytes: 100, signal }), 'binary.dat'), 'invalid-request');
  },

  'reads bytes from the beginning of any file, and says how large it is': async ({ files, root }) => {
    const { bytes, sizeBytes } = await files.readBytes(root, 'binary.dat', { maxBytes: 1_000_000, signal });
    assert.equal(bytes.length, sizeBytes);
    assert.ok(bytes.includes(0));
    const part = await files.readBytes(root, 'a.txt', { maxBytes: 5, signal });
    assert.deepEqual([new TextDecoder().decode(part.bytes), part.sizeBytes], ['alpha', 11]);
  },

  'refuses paths that lead outside, by dots, as absolute paths and through links': async ({ files, root }) => {
    for (const path of ['../outside.txt', 'src/../../outside.txt', '/etc/passwd', 'link']) {
      assert.equal(await codeOf(files.read(root, path, { offset: 0, maxBytes: 100, signal }), path), 'invalid-request');
      assert.equal(await codeOf(files.readBytes(root, path, { maxBytes: 100, signal }), path), 'invalid-request');
    }
    assert.equal(await codeOf(files.list(root, '..', { limit: 10, signal }), '..'), 'invalid-request');
    const query = { pattern: '.', ignoreCase: false, limit: 10 };
    assert.equal(await codeOf(files.search(root, '..', query, { signal }), '..'), 'invalid-request');
  },

  'says that a missing path is not found': async ({ files, root }) => {
    assert.equal(await codeOf(files.read(root, 'missing.txt', { offset: 0, maxBytes: 100, signal }), 'missing.txt'), 'not-found');
    assert.equal(await codeOf(files.readBytes(root, 'missing.txt', { maxBytes: 100, signal }), 'missing.txt'), 'not-found');
    assert.equal(await codeOf(files.list(root, 'missing', { limit: 10, signal }), 'missing'), 'not-found');
  },

  'lists names in order, up to the limit': async ({ files, root }) => {
    const { entries, truncated } = await files.list(root, '.', { limit: 100, signal });
    assert.deepEqual(
      entries.map(({ name, kind }) => [name, kind]),
      [
        ['a.txt', 'file'],
        ['binary.dat', 'file'],
        ['link', 'link'],
        ['src', 'directory'],
      ],
    );
    assert.equal(truncated, false);
    const first = await files.list(root, '.', { limit: 1, signal });
    assert.deepEqual([first.entries.length, first.truncated], [1, true]);
  },

  'finds lines of text files, and no binary ones, nor through links': async ({ files, root }) => {
    const found = await files.search(root, '.', { pattern: 'BETA', ignoreCase: true, limit: 10 }, { signal });
    assert.deepEqual(
      found.matches.map(({ path, line, text }) => [path, line, text]),
      [
        ['a.txt', 2, 'beta'],
        ['src/b.ts', 1, 'const beta = 1;'],
      ],
    );
    assert.equal(found.total, 2);
    const one = await files.search(root, '.', { pattern: 'beta', ignoreCase: false, glob: '*.ts', limit: 10 }, { signal });
    assert.deepEqual(
      one.matches.map(({ path }) => path),
      ['src/b.ts'],
    );
    const capped = await files.search(root, '.', { pattern: 'beta', ignoreCase: false, limit: 1 }, { signal });
    assert.deepEqual([capped.matches.length, capped.total], [1, 2]);
  },
};
