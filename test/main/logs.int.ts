import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeSite, type Site } from '../support/kept-process.ts';
import { runKept } from '../support/run-kept.ts';

const KEY = `key-of-the-house-${'k'.repeat(16)}`;
const STORY = 'a'.repeat(32);
const line = (fields: Record<string, unknown>): string =>
  `${JSON.stringify({ level: 'info', time: new Date().toISOString(), pid: 7, ...fields })}\n`;

describe('The log by command line', function () {
  this.timeout(60_000);
  let site: Site;
  let path: string;
  beforeEach(async () => {
    site = await makeSite({ KEPT_MODELS: 'rehearsal', KEPT_API_TOKEN: KEY, KEPT_TIME_ZONE: 'Asia/Kolkata' });
    path = join(site.dataDir, 'logs/kept.log');
  });
  afterEach(() => site.remove());
  const logs = (...words: string[]) => runKept(site, ['logs', ...words]);
  const begin = (): void => {
    mkdirSync(join(site.dataDir, 'logs'), { recursive: true });
    writeFileSync(
      `${path}.1`,
      line({ area: 'messages', time: '2026-11-29T20:00:00.000Z', trace: STORY, chatId: 'local:1', msg: 'received' }),
    );
    writeFileSync(
      path,
      line({ area: 'promises', pid: 8, trace: STORY, promiseId: 3, msg: 'promise made' }) + line({ level: 'warn', msg: 'other' }),
    );
  };

  it('says where there is none', async () => {
    const { code, stderr, stdout } = await logs();
    expect([code, stdout]).to.deep.equal([1, '']);
    expect(stderr).to.include(`there is no log in ${site.dataDir} yet: start Kept first`);
    expect(JSON.parse((await logs('--json')).stdout)).to.have.nested.property('error.code', 'logs/missing');
  });

  it('shows the story of a promise over files and processes, in words, by the clocks of the configuration, without colour', async () => {
    begin();
    const { code, stderr, stdout } = await logs('--promise', '3');
    expect([code, stderr]).to.deep.equal([0, '']);
    const [first, second, ...more] = stdout.trimEnd().split('\n');
    expect(first).to.equal('[2026-11-30 01:30:00.000] INFO (7): [messages] received {"chatId":"local:1"}');
    expect(second).to.match(/INFO \(8\): \[promises\] promise made \{"promiseId":3\}$/);
    expect(more).to.deep.equal([]);
    expect(stdout).not.to.include('\x1b');
  });

  it('narrows what it shows, and has the lines as they are with --json', async () => {
    begin();
    const rows = async (...words: string[]): Promise<readonly unknown[]> =>
      (await logs('--json', ...words)).stdout
        .split('\n')
        .filter(Boolean)
        .map((text) => (JSON.parse(text) as { msg: string }).msg);
    expect(await rows()).to.deep.equal(['received', 'promise made', 'other']);
    expect(await rows('--limit', '1')).to.deep.equal(['other']);
    expect(await rows('--since', '1h', '--area', 'Promises')).to.deep.equal(['promise made']);
    expect(await rows('--level', 'WARNING')).to.deep.equal(['other']);
    expect(await rows('--chat', 'local:1')).to.deep.equal(['received', 'promise made']);
    for (const trace of ['aaaa', STORY, STORY.toUpperCase(), `00-${STORY}-${'b'.repeat(16)}-01`])
      expect(await rows('--trace', trace), trace).to.deep.equal(['received', 'promise made']);
  });

  it('says where no line matches, and what is no trace', async () => {
    begin();
    for (const words of [
      ['--trace', 'abcd'],
      ['--promise', '4'],
      ['--area', 'telegram', '--json'],
    ]) {
      const { code, stderr, stdout } = await logs(...words);
      expect([code, stderr, stdout], words.join(' ')).to.deep.equal([0, 'No line of the log matches.\n', '']);
    }
    const { code, stderr } = await logs('--trace', 'xyz');
    expect(code).to.equal(2);
    expect(stderr).to.include('a trace has 32 hex digits; the first four are enough');
  });

  it('shows a line as one line, whatever stands in it', async () => {
    begin();
    appendFileSync(path, line({ msg: 'first\n[10:00:00.000] INFO (8): second' }));
    const { stdout } = await logs('--limit', '1');
    expect(stdout).to.match(/^\[.*first \[10:00:00\.000\] INFO \(8\): second\n$/);
  });

  it('says how many lines could not be read, shows no secret and no control character', async () => {
    begin();
    appendFileSync(path, `{"level":"info","time":"20${line({ msg: 'after a cut' })}${line({ msg: `\x1b[31m${KEY}\u0007` })}`);
    const { code, stderr, stdout } = await logs('--limit', '2');
    expect(code).to.equal(0);
    expect(stderr).to.equal('1 line could not be read: cut off, as when a process or the machine is killed.\n');
    expect(stdout).to.include('after a cut').and.to.include('[redacted]');
    expect(stdout).not.to.include(KEY);
    expect(stdout).not.to.match(/[^\P{Cc}\n]/u);
  });

  it('follows, and says at once what it could not read or find, and ends at the first Ctrl-C while it shows the past', async () => {
    begin();
    appendFileSync(path, 'cut off\n');
    const told = await runKept(site, ['logs', '--follow', '--trace', 'abcd'], {
      onStarted: (child) => {
        child.stderr?.on('data', (text: Buffer) => {
          if (text.toString().includes('matches')) child.kill('SIGINT');
        });
      },
    });
    expect([told.code, told.stderr]).to.deep.equal([
      0,
      '1 line could not be read: cut off, as when a process or the machine is killed.\nNo line of the log matches yet.\n',
    ]);
    const many = line({ msg: 'x'.repeat(900) }).repeat(20_000);
    writeFileSync(path, many);
    let length = 0;
    const { code } = await runKept(site, ['logs', '--follow', '--json'], {
      onStarted: (child) => {
        child.stdout?.on('data', (text: Buffer) => {
          if (length === 0) child.kill('SIGINT');
          length += text.length;
        });
      },
    });
    expect(code).to.equal(0);
    expect(length).to.be.below(many.length / 2);
  });

  it('follows, over a turn-over, until it is interrupted', async () => {
    begin();
    const { code, stdout } = await runKept(site, ['logs', '--follow', '--limit', '1', '--json'], {
      onStarted: (child) => {
        child.stdout?.on('data', (text: Buffer) => {
          const said = text.toString();
          if (said.includes('"other"')) {
            renameSync(`${path}.1`, `${path}.2`);
            renameSync(path, `${path}.1`);
            writeFileSync(path, line({ msg: 'new file' }));
          } else if (said.includes('"new file"')) child.kill('SIGINT');
        });
      },
    });
    expect(code).to.equal(0);
    expect(stdout.trimEnd().split('\n')).to.have.length(2);
  });
});
