import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { CommandError } from '../../src/main/failures.ts';
import { replaceFile } from '../../src/main/replace-file.ts';
import { sweepDrafts } from '../../src/main/whole-file.ts';
import { mountSmallDisk } from '../support/small-disk.ts';

describe('A directory of Kept', () => {
  it('is swept of what was being written when its writer was killed, once that is old', () => {
    const dir = mkdtempSync(join(tmpdir(), 'kept-drafts-'));
    const anHourAgo = Date.now() / 1_000 - 3_600;
    const put = (name: string, at: number): void => {
      writeFileSync(join(dir, name), '{');
      utimesSync(join(dir, name), at, at);
    };
    const id = '01234567-89ab-cdef-0123-456789abcdef';
    const old = ['state.json.7.draft', 'state.json.7', 'bot.run.json.7', `kept.pid.${id}`, `system.db.mark.${id}`];
    const kept = ['settings.json.20241201', 'state.json', `system.db.${id}`];
    for (const name of [...old, ...kept]) put(name, anHourAgo);
    put('state.json.8.draft', Date.now() / 1_000);
    sweepDrafts(dir);
    expect(readdirSync(dir).sort()).to.deep.equal([...kept, 'state.json.8.draft'].sort());
    rmSync(dir, { recursive: true });
  });
});

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

  it('takes away what a command that was killed had begun to write, and nothing of a person', () => {
    // No process has the first number, and both of a person look like one.
    const left = ['.env.99999999.draft', '.env.copy.bak.99999999.draft'];
    const others = ['.env.20241201', '.env.draft', `.env.${process.ppid}.draft`, 'other.99999999.draft'];
    for (const name of [...left, ...others]) writeFileSync(join(dir, name), 'KEY=none\n');
    replaceFile(join(dir, '.env'), 'A=1\n', 'test/unwritable');
    expect(readdirSync(dir).sort()).to.deep.equal(['.env', ...others].sort());
  });

  it('is written though a process of the same number was killed over it, as in containers', () => {
    const path = join(dir, '.env');
    writeFileSync(`${path}.${process.pid}.draft`, 'A=');
    replaceFile(path, 'A=1\n', 'test/unwritable');
    expect(readdirSync(dir)).to.deep.equal(['.env']);
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
