import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
