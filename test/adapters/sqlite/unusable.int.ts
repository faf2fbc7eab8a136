import { mkdir, writeFile } from 'node:fs/promises';
import Database from 'better-sqlite3-13';
import { expect } from 'chai';
import { toPortError } from '../../../src/adapters/sqlite/errors.ts';
import type { PortError } from '../../../src/ports/index.ts';
import { inDirectory } from '../../support/sqlite-storage.ts';

const PATH = '/srv/kept/data/system.db';
const codeOf = (code: string, message = 'what the driver says'): PortError =>
  toPortError(Object.assign(new Error(message), { code }), PATH);

/** The error of SQLite itself, as it comes where `work` meets it. */
const thrownBy = (work: () => unknown): PortError => {
  try {
    work();
  } catch (error) {
    return toPortError(error, PATH);
  }
  return expect.fail('nothing was thrown');
};

describe('A SQLite database that can not be used', () => {
  it('says what is wrong, where, and what to do, of each code that a person meets', () => {
    for (const [code, message, help] of [
      ['SQLITE_FULL', /there is no room left for \S+system\.db: what/, /make room on its disk/],
      ['ENOSPC', /there is no room left for \S+system\.db: ENOSPC$/, /move KEPT_DATA_DIR to a larger one/],
      ['SQLITE_CORRUPT', /system\.db is damaged: what/, /stop Kept, move .* bring back a backup: .*backup list/],
      ['SQLITE_NOTADB', /system\.db is damaged: what/, /bring back a backup/],
      ['SQLITE_CANTOPEN', /system\.db can't be used: it is no file that this user can open \(what/, /see that \/srv\/kept\/data is there/],
      ['SQLITE_READONLY_DIRECTORY', /can't be used: it can only be read \(what/, /let the user that Kept runs as write/],
      ['SQLITE_IOERR_WRITE', /can't be used: its disk reports an error \(what/, /what the machine logs of that disk/],
      ['EACCES', /can't be used: this user may not read or write it \(EACCES\)$/, /as the user that Kept runs as/],
      ['EROFS', /can't be used: it can only be read \(EROFS\)$/, /not mounted to be read alone/],
      ['EMFILE', /can't be used: too many files are open \(EMFILE\)$/, /ulimit -n/],
    ] as const) {
      const failure = codeOf(code);
      expect(failure.message, code).to.match(message);
      expect(failure.message, code).to.include(PATH);
      expect(failure.help, code).to.match(help);
    }
    expect(codeOf('EACCES', `EACCES: permission denied, copyfile '${PATH}' -> '/tmp/kept-copy-1-a/system.db'`).message).not.to.include(
      'copy',
    );
    expect(codeOf('ENOTCONN').message, 'one that nobody has met').to.equal(`${PATH} can't be used: (ENOTCONN)`);
  });

  it('is told as full where its disk is, though SQLite tells of an I/O error', () => {
    // A file system on which nothing is free, on every Linux.
    if (process.platform !== 'linux') return;
    const failure = toPortError(Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_SHMSIZE' }), '/proc/self/system.db');
    expect(failure).to.include({ code: 'storage-full', message: 'there is no room left for /proc/self/system.db: disk I/O error' });
  });

  it('is told as what its disk reports where it was only read, however full that is', () => {
    if (process.platform !== 'linux') return;
    const failure = toPortError(Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_READ' }), '/proc/self/system.db');
    expect(failure).to.include({ code: 'unavailable' });
    expect(failure.message).to.contain('its disk reports an error');
  });

  it('is told so by SQLite itself: full, no database, and a directory in its place', () =>
    inDirectory(async (dir) => {
      const full = new Database(`${dir}/full.db`);
      full.exec('PRAGMA max_page_count = 2; CREATE TABLE a (b)');
      expect(thrownBy(() => full.exec('INSERT INTO a VALUES (zeroblob(100000))'))).to.include({ code: 'storage-full' });
      full.close();
      await writeFile(`${dir}/text.db`, 'no database, and longer than its header is: '.repeat(99));
      const text = new Database(`${dir}/text.db`);
      expect(thrownBy(() => text.exec('SELECT * FROM sqlite_master'))).to.include({ code: 'storage-corrupt' });
      text.close();
      await mkdir(`${dir}/directory.db`);
      expect(thrownBy(() => new Database(`${dir}/directory.db`)))
        .to.have.property('help')
        .that.includes('see that');
    }));
});
