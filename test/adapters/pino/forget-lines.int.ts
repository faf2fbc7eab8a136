import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
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
    utimesSync(`${path}.1`, 1_000, 1_000);
    const { mtimeMs } = statSync(`${path}.2`);
    expect(await forgetLines(path, isGone)).to.deep.equal({ files: 2, lines: 3 });
    expect(readFileSync(path, 'utf8')).to.equal('one\ntwo\n');
    expect(readFileSync(`${path}.1`, 'utf8')).to.equal('three\n');
    expect(statSync(`${path}.2`).mtimeMs).to.equal(mtimeMs);
    expect(statSync(`${path}.1`).mtimeMs, 'of lines that were written before').to.equal(1_000_000);
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

  it('takes away what a run that was killed has left, and brings back what others had added meanwhile', async () => {
    const id = '01234567-89ab-cdef-0123-456789abcdef';
    writeFileSync(path, 'one\n');
    writeFileSync(`${path}.1`, 'two\n');
    writeFileSync(`${path}.1.${id}`, 'half of somebo');
    // The first run had written `one` anew, and was killed before it looked for more.
    writeFileSync(`${path}.${id}.from-11`, 'one\ntheirs\nours, late\ntheirs, late\n');
    // This one has not taken the place of its file.
    linkSync(`${path}.1`, `${path}.1.${id}.from-4`);
    expect(await forgetLines(path, isGone)).to.deep.equal({ files: 1, lines: 1 });
    expect(readFileSync(path, 'utf8')).to.equal('one\nours, late\n');
    expect(readFileSync(`${path}.1`, 'utf8')).to.equal('two\n');
    expect(readdirSync(directory).sort()).to.deep.equal(['kept.log', 'kept.log.1']);
  });

  it('keeps its claim fresh, so that no writer puts files aside meanwhile', async () => {
    const many = 'ours, and long enough for some chunks to be read\n'.repeat(20_000);
    writeFileSync(path, `theirs, first\n${many}theirs, last\n`);
    const claim = `${path}.claim`;
    const ages: number[] = [];
    await forgetLines(path, (line) => {
      if (!isGone(line)) return false;
      if (line.includes('first')) utimesSync(claim, 1_000, 1_000);
      else ages.push(Date.now() - statSync(claim).mtimeMs);
      return true;
    });
    expect(ages.length).to.equal(2);
    expect(Math.max(...ages)).to.be.lessThan(10_000);
  });
});
