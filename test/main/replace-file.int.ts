import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { CommandError } from '../../src/main/commands/outcome.ts';
import { replaceFile } from '../../src/main/replace-file.ts';
import { mountSmallDisk } from '../support/small-disk.ts';

describe('A file that is replaced', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'kept-replace-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('keeps its owner, its group and its mode, unless everybody could read it', () => {
    const path = join(dir, '.env');
    const look = () => {
      const { uid, gid, mode } = statSync(path);
      return { uid, gid, mode: (mode & 0o777).toString(8) };
    };
    writeFileSync(path, 'A=1\n');
    chmodSync(path, 0o640);
    // Others may not give a file away.
    if (process.getuid?.() === 0) chownSync(path, 65_533, 65_534);
    const before = look();
    replaceFile(path, 'A=2\n', 'test/unwritable');
    expect(look()).to.deep.equal(before);
    chmodSync(path, 0o644);
    replaceFile(path, 'A=3\n', 'test/unwritable');
    expect(look()).to.deep.equal({ ...before, mode: '600' });
    expect(readFileSync(path, 'utf8')).to.equal('A=3\n');
  });

  it('is as it was where the disk has room for a part of the new text, and no draft is left', async function () {
    const disk = await mountSmallDisk(join(dir, 'disk'), 64 * 1024);
    if (!disk) return this.skip();
    try {
      const path = join(dir, 'disk', '.env');
      writeFileSync(path, 'A=1\n');
      expect(() => replaceFile(path, `B=${'2'.repeat(128 * 1024)}\n`, 'test/unwritable')).to.throw(
        CommandError,
        `${path} can't be written (ENOSPC)`,
      );
      expect(readFileSync(path, 'utf8')).to.equal('A=1\n');
      expect(readdirSync(join(dir, 'disk'))).to.deep.equal(['.env']);
    } finally {
      await disk.unmount();
    }
  });
});
