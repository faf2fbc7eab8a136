import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { makePinoLogger } from '../../../src/adapters/pino/index.ts';
import { makeRedactor } from '../../../src/adapters/redaction/index.ts';
import { mountSmallDisk } from '../../support/small-disk.ts';

describe('The logger', () => {
  describe('The file of the log', () => {
    let directory: string;
    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'kept-log-'));
    });
    afterEach(() => rmSync(directory, { recursive: true }));

    it('adds JSON lines to a file that only its owner may read, each on disk at once', async () => {
      const file = join(directory, 'logs/kept.log');
      for (const round of [1, 2]) {
        const { logger, close } = makePinoLogger({ level: 'info', terminal: 'none', file, redact: makeRedactor(['our own secret']) });
        logger.info({ round }, 'our own secret');
        expect(readFileSync(file, 'utf8').trim().split('\n')).to.have.length(round);
        await close();
        logger.info({}, 'after the end');
      }
      expect(readFileSync(file, 'utf8')).to.include('[redacted]').and.not.to.include('our own secret').and.not.to.include('after the end');
      expect(statSync(file).mode & 0o777).to.equal(0o600);
      expect(statSync(join(directory, 'logs')).mode & 0o777).to.equal(0o700);
    });

    it('narrows the rights of an existing file', async () => {
      const file = join(directory, 'kept.log');
      writeFileSync(file, '', { mode: 0o644 });
      await makePinoLogger({ level: 'info', terminal: 'none', file, redact: makeRedactor([]) }).close();
      expect(statSync(file).mode & 0o777).to.equal(0o600);
    });

    it("fails with a reason when the file can't be opened", () => {
      writeFileSync(join(directory, 'logs'), '');
      expect(() => makePinoLogger({ level: 'info', file: join(directory, 'logs/kept.log'), redact: makeRedactor([]) }))
        .to.throw()
        .with.property('code', 'unavailable');
    });

    it('refuses a pipe in place of the file, without waiting for a reader', async () => {
      if (process.platform === 'win32') return;
      const file = join(directory, 'kept.log');
      execFileSync('mkfifo', [file]);
      expect(() => makePinoLogger({ level: 'info', terminal: 'none', file, redact: makeRedactor([]) })).to.throw(/can't be opened: ENXIO/);
      rmSync(file);
      const { logger, fault, close } = makePinoLogger({ level: 'info', terminal: 'none', file, redact: makeRedactor([]), maxFileBytes: 1 });
      logger.info({}, 'first');
      rmSync(file);
      execFileSync('mkfifo', [file]);
      logger.info({}, 'second');
      expect(fault()).to.match(/ENXIO/);
      await close();
    });

    it('fails no caller when the disk is full, and reports the fault', async () => {
      if (!existsSync('/dev/full')) return;
      const { logger, fault, close } = makePinoLogger({ level: 'info', terminal: 'none', file: '/dev/full', redact: makeRedactor([]) });
      expect(fault()).to.equal(undefined);
      for (let i = 0; i < 100; i++) logger.info({ i }, 'x'.repeat(1000));
      expect(fault()).to.match(/ENOSPC/);
      await close();
    });

    it('rotates a full file, keeps the given number of files, and loses no line of several writers', async () => {
      const file = join(directory, 'kept.log');
      const options = { level: 'info', terminal: 'none', file, redact: makeRedactor([]), maxFileBytes: 4_000, maxFiles: 3 } as const;
      const writers = [makePinoLogger(options), makePinoLogger(options)];
      for (let i = 0; i < 120; i++) for (const { logger } of writers) logger.info({ i }, 'x'.repeat(20));
      for (const { close } of writers) await close();
      expect(readdirSync(directory).sort()).to.deep.equal(['kept.log', 'kept.log.1', 'kept.log.2']);
      const lines = ['kept.log.2', 'kept.log.1', 'kept.log'].flatMap((name) =>
        readFileSync(join(directory, name), 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => (JSON.parse(line) as { i: number }).i),
      );
      const [first = 0] = lines;
      expect(lines.at(-1)).to.equal(119);
      expect(lines.filter((i) => i > first).length, 'each line of both').to.equal(2 * (119 - first));
      for (const name of readdirSync(directory)) expect(statSync(join(directory, name)).size).to.be.below(5_000);
    });

    it('rotates a file whose first line is 30 days old, also where an earlier process wrote it, and no younger one', async () => {
      const file = join(directory, 'kept.log');
      const line = (days: number): string =>
        `{"level":"info","time":"${new Date(Date.now() - days * 86_400_000).toISOString()}","msg":"x"}\n`;
      const open = (maxFileAgeMs?: number) =>
        makePinoLogger({ level: 'info', terminal: 'none', file, redact: makeRedactor([]), ...(maxFileAgeMs ? { maxFileAgeMs } : {}) });
      writeFileSync(file, line(29) + line(1));
      const young = open();
      young.logger.info({}, 'of the same month');
      expect(readdirSync(directory)).to.deep.equal(['kept.log']);
      await young.close();
      writeFileSync(file, line(31) + line(1));
      const [one, other] = [open(), open()];
      one.logger.info({}, 'first of the month');
      other.logger.info({}, 'second of the month');
      expect(readdirSync(directory).sort()).to.deep.equal(['kept.log', 'kept.log.1']);
      expect(readFileSync(file, 'utf8')).to.match(/first of the month.*\n.*second of the month/);
      for (const { close } of [one, other]) await close();
      const running = open(1);
      while (Date.now() < statSync(file).mtimeMs + 2);
      running.logger.info({}, 'after the turn-over');
      expect(readFileSync(file, 'utf8')).to.include('after the turn-over').and.not.to.include('second of the month');
      await running.close();
    });

    it('loses no line of processes that write at once and are killed at any moment, over many turn-overs', async () => {
      const file = join(directory, 'kept.log');
      const program = join(directory, 'writer.ts');
      const root = new URL('../../../src/adapters/', import.meta.url).href;
      writeFileSync(
        program,
        `import { openSync, writeSync } from 'node:fs';
         import { makePinoLogger } from '${root}pino/index.ts';
         import { makeRedactor } from '${root}redaction/index.ts';
         const [, , name, file] = process.argv;
         const { logger } = makePinoLogger({ level: 'info', terminal: 'none', file, maxFileBytes: 20_000, maxFiles: 500, redact: makeRedactor([]) });
         const written = openSync(file + '.' + name, 'a');
         for (let i = 0; ; i++) {
           logger.info({ name, i }, 'x'.repeat(50));
           writeSync(written, i + '\\n');
           if (i % 200 === 0) writeSync(1, '.');
         }`,
      );
      const names = ['a', 'b', 'c'];
      const ends = names.map(async (name) => {
        const child = spawn(process.execPath, [program, name, file], { stdio: ['ignore', 'pipe', 'inherit'] });
        let dots = 0;
        child.stdout.on('data', ({ length }: Buffer) => {
          dots += length;
          if (dots > 10) child.kill('SIGKILL');
        });
        const [, signal] = await once(child, 'close');
        return signal as unknown;
      });
      expect(await Promise.all(ends)).to.deep.equal(['SIGKILL', 'SIGKILL', 'SIGKILL']);
      const files = readdirSync(directory).filter((each) => /^kept\.log(\.\d+)?$/.test(each));
      expect(files.length, 'turn-overs').to.be.above(5);
      const lines = files.flatMap((each) => readFileSync(join(directory, each), 'utf8').trimEnd().split('\n'));
      const found = lines.map((line) => JSON.parse(line) as { readonly name: string; readonly i: number });
      for (const name of names) {
        const written = readFileSync(`${file}.${name}`, 'utf8').trimEnd().split('\n').map(Number);
        const own = found.filter((line) => line.name === name).map(({ i }) => i);
        expect(new Set(own).size, 'no line twice').to.equal(own.length);
        expect(written.length).to.be.above(2_000);
        const there = new Set(own);
        expect(written.filter((i) => !there.has(i))).to.deep.equal([]);
      }
    }).timeout(60_000);

    it('leaves the rotation to the process that has claimed it, unless that claim is old', async () => {
      const file = join(directory, 'kept.log');
      const claim = `${file}.claim`;
      const { logger, close } = makePinoLogger({ level: 'info', terminal: 'none', file, redact: makeRedactor([]), maxFileBytes: 100 });
      writeFileSync(claim, '');
      for (let i = 0; i < 5; i++) logger.info({ i }, 'said meanwhile');
      expect(readdirSync(directory).sort()).to.deep.equal(['kept.log', 'kept.log.claim']);
      const longAgo = new Date(Date.now() - 60_000);
      utimesSync(claim, longAgo, longAgo);
      logger.info({}, 'said after that');
      expect(readdirSync(directory).sort()).to.deep.equal(['kept.log', 'kept.log.1']);
      await close();
    });

    it('writes how many lines a full disk has cost, and joins no line to the half of another', async () => {
      const disk = await mountSmallDisk(join(directory, 'disk'), 64 * 1024);
      if (!disk) return;
      try {
        const file = join(directory, 'disk/kept.log');
        const { logger, fault, close } = makePinoLogger({ level: 'info', terminal: 'none', file, redact: makeRedactor([]) });
        logger.info({}, 'first');
        disk.fill();
        for (let i = 0; fault() === undefined; i++) logger.info({ i }, 'x'.repeat(1_000));
        logger.info({}, 'lost as well');
        disk.makeRoom();
        logger.info({}, 'last');
        expect(fault()).to.equal(undefined);
        await close();
        const told = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-2);
        const [missing, last] = told.map((line) => JSON.parse(line) as Record<string, unknown>);
        expect(missing).to.include({ lines: 2, msg: 'lines are missing here: they could not be written' });
        expect(last).to.include({ msg: 'last' });
      } finally {
        await disk.unmount();
      }
    });

    it('adds each line to the file of that name, also right after another process has rotated it', async () => {
      const file = join(directory, 'kept.log');
      const [one, other] = [1_000, 10_000_000].map((maxFileBytes) =>
        makePinoLogger({ level: 'info', terminal: 'none', file, redact: makeRedactor([]), maxFileBytes }),
      );
      other?.logger.info({}, 'before');
      one?.logger.info({}, 'x'.repeat(1_000));
      one?.logger.info({}, 'the first of a new file');
      other?.logger.info({}, 'the second of it');
      expect(readFileSync(`${file}.1`, 'utf8').split('\n')).to.have.length(3);
      expect(readFileSync(file, 'utf8')).to.match(/the first of a new file.*\n.*the second of it/);
      for (const log of [one, other]) await log?.close();
    });

    it('continues in a new file when the file was moved away, and in the moved one when the directory is gone', async () => {
      const file = join(directory, 'data/logs/kept.log');
      const { logger, fault, close } = makePinoLogger({ level: 'info', terminal: 'none', file, redact: makeRedactor([]), maxFileBytes: 1 });
      logger.info({}, 'first');
      renameSync(file, join(directory, 'saved.log'));
      logger.info({}, 'second');
      expect(readFileSync(file, 'utf8')).to.include('second').and.not.to.include('first');
      renameSync(join(directory, 'data'), join(directory, 'moved'));
      logger.info({}, 'third');
      expect(existsSync(join(directory, 'data'))).to.equal(false);
      expect(readFileSync(join(directory, 'moved/logs/kept.log'), 'utf8')).to.include('third');
      expect(fault()).to.match(/ENOENT/);
      await close();
    });
  });
});
