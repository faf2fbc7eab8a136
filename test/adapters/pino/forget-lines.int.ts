import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { forgetLines } from '../../../src/adapters/pino/index.ts';
import { openLogFile } from '../../../src/adapters/pino/log-file.ts';

describe('Forgetting lines of a log', () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'kept-forget-lines-'));
    path = join(directory, 'kept.log');
  });
  afterEach(() => rmSync(directory, { recursive: true }));
  const isGone = (line: string): boolean => line.includes('theirs');

  it('removes them from all files, those that were put aside too, and leaves the rest as it was', async () => {
    writeFileSync(path, 'one\ntheirs\ntwo\n', { mode: 0o600 });
    writeFileSync(`${path}.1`, 'theirs\nthree\ntheirs without an end');
    writeFileSync(`${path}.2`, 'four\n');
    writeFileSync(join(directory, 'other.log'), 'theirs\n');
    const { mtimeMs } = statSync(`${path}.2`);
    expect(await forgetLines(path, isGone)).to.deep.equal({ files: 2, lines: 3 });
    expect(readFileSync(path, 'utf8')).to.equal('one\ntwo\n');
    expect(readFileSync(`${path}.1`, 'utf8')).to.equal('three\n');
    expect(statSync(`${path}.2`).mtimeMs).to.equal(mtimeMs);
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect(readdirSync(directory).sort()).to.deep.equal(['kept.log', 'kept.log.1', 'kept.log.2', 'other.log']);
  });

  it('only counts them where it is asked to', async () => {
    writeFileSync(path, 'one\ntheirs\n');
    expect(await forgetLines(path, isGone, { dryRun: true })).to.deep.equal({ files: 1, lines: 1 });
    expect(readFileSync(path, 'utf8')).to.equal('one\ntheirs\n');
  });

  it('loses no line that another writer adds meanwhile, and none of theirs comes back', async () => {
    const log = openLogFile({ path, maxBytes: 1_000_000, maxFiles: 3 });
    for (let n = 0; n < 5_000; n++) log.write(n % 2 === 0 ? `ours ${n}\n` : `theirs ${n}\n`);
    let added = 5_000;
    const writer = setInterval(() => {
      for (let more = 0; more < 20; more++) log.write(`ours ${added++}\n`);
    }, 1);
    try {
      await forgetLines(path, isGone);
    } finally {
      clearInterval(writer);
      log.close();
    }
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines.filter(isGone)).to.deep.equal([]);
    const ours = new Set(lines);
    for (let n = 0; n < added; n++) if (n >= 5_000 || n % 2 === 0) expect(ours.has(`ours ${n}`), `ours ${n}`).to.equal(true);
    expect(lines.length).to.equal(ours.size);
  });
});
