import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { makePinoLogger, type PinoLoggerOptions } from '../../../src/adapters/pino/index.ts';
import { makeRedactor } from '../../../src/adapters/redaction/index.ts';
import { type Logger, PortError } from '../../../src/ports/index.ts';
import { slowTexts } from '../../support/hostile-texts.ts';
import { mountSmallDisk } from '../../support/small-disk.ts';

// Put together here, so that no text of the repository has the shape of a real one.
const shaped = (start: string, length: number): string => start + 'aB3'.repeat(length).slice(0, length);
const KEY = shaped('sk-', 32);
const BOT_TOKEN = shaped(`${'12345'.repeat(2)}:`, 35);
const PEM = ['-----BEGIN', 'PRIVATE KEY-----\n', shaped('', 64), '\n', shaped('', 20), '\n-----END', 'PRIVATE KEY-----'].join(' ');

const record = (
  options: Partial<PinoLoggerOptions> = {},
): { logger: Logger; written: () => string; lines: () => Record<string, unknown>[] } => {
  let text = '';
  const { logger } = makePinoLogger({
    level: 'debug',
    redact: makeRedactor([]),
    destination: { write: (chunk) => (text += chunk) },
    ...options,
  });
  return {
    logger,
    written: () => text,
    lines: () =>
      text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
};

describe('makeRedactor', () => {
  const redact = makeRedactor(['a secret of ours', 'a secret of ours, longer', 'ollama', 'with"quote+and/slash']);

  it('takes known values out, however often and however written', () => {
    expect(redact('x a secret of ours, longer y a secret of ours z')).to.equal('x [redacted] y [redacted] z');
    expect(redact(encodeURIComponent('with"quote+and/slash'))).to.equal('[redacted]');
    expect(redact(JSON.stringify({ a: 'with"quote+and/slash' }))).to.equal('{"a":"[redacted]"}');
  });

  it('leaves short values alone: they are words', () => {
    expect(redact('ollama is a model server')).to.equal('ollama is a model server');
  });

  const shapes: [title: string, text: string, secret: string][] = [
    ['an API key', `key ${KEY} was refused`, KEY],
    ['a Perplexity key', shaped('pplx-', 40), shaped('', 40)],
    ['a Notion key', `"${shaped('secret_', 40)}"`, shaped('', 40)],
    ['a bot token', `token ${BOT_TOKEN}.`, BOT_TOKEN],
    ['a bot token in an address', `https://api.telegram.org/bot${BOT_TOKEN}/getMe`, BOT_TOKEN],
    ['a bearer token', `authorization: Bearer ${shaped('', 24)}`, shaped('', 24)],
    ['basic credentials', `Authorization: Basic ${btoa('ann:openthedoor')}`, btoa('ann:openthedoor')],
    ['a private key', `before\n${PEM}\nafter`, shaped('', 20)],
    ['a private key that was cut', PEM.slice(0, 70), shaped('', 20)],
    ['a password in an address', 'postgres://ann:p@ss-word@db.example/kept?x=1', 'p@ss-word'],
    ['a token in a query', 'GET /?access_token=openthedoor&page=2', 'openthedoor'],
  ];
  for (const [title, text, secret] of shapes)
    it(`knows ${title} by its shape`, () => {
      expect(text).to.include(secret);
      expect(redact(text)).not.to.include(secret);
      expect(redact(text)).to.include('[redacted]');
      expect(redact(redact(text))).to.equal(redact(text));
    });

  it('leaves ordinary text alone', () => {
    for (const text of [
      'Basic understanding of bearer bonds',
      'http://127.0.0.1:9000/health at 12:30:45',
      'task-skip-list-of-many-words-in-a-row',
      'the token is missing; password: please set one',
      'user@example.org wrote to https://example.org/a:b',
      '2026-11-22T18:46:36.710Z #12 [pending] 1234567:short',
      '-1001234567890',
    ])
      expect(redact(text)).to.equal(text);
  });

  it('takes no hostile text much longer than a plain one', () => {
    expect(slowTexts(redact, 50_000)).to.deep.equal([]);
  }).timeout(20_000);

  it('takes no longer than the text is long, whatever it is made of', () => {
    const parts = [
      'a',
      '-',
      '-----BEGIN PRIVATE KEY-----',
      'https://a',
      'Bearer a',
      'sk-',
      '1',
      'password=',
      'eyJaaaaaaaa.',
      'authorization: ',
    ];
    const started = performance.now();
    for (const part of parts) redact(part.repeat(Math.ceil(200_000 / part.length)));
    expect(performance.now() - started).to.be.lessThan(2000);
  });
});

describe('makePinoLogger', () => {
  it('writes JSON lines with area, fields and message', () => {
    const { logger, lines } = record();
    logger.child('http').child('api').warn({ port: 9000, level: 'mine', msg: 'mine', area: 'mine' }, 'listening');
    const [line] = lines();
    expect(line).to.include({ level: 'warn', area: 'http.api', port: 9000, level_: 'mine', msg_: 'mine', area_: 'mine', msg: 'listening' });
    expect(line?.time).to.match(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  it('leaves out what is below its level', () => {
    const { logger, lines } = record({ level: 'warn' });
    logger.debug({}, 'a');
    logger.info({}, 'b');
    logger.warn({}, 'c');
    logger.error({}, 'd');
    expect(lines().map(({ msg }) => msg)).to.deep.equal(['c', 'd']);
  });

  it('lets no secret through, wherever it stands and however deep', () => {
    const secrets = fc.array(fc.string({ unit: 'grapheme', minLength: 8, maxLength: 40 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        secrets,
        fc.string(),
        fc.integer({ min: 0, max: 9 }),
        fc.constantFrom('json' as const, 'pretty' as const),
        (known, around, depth, terminal) => {
          const { logger, written, lines } = record({ redact: makeRedactor(known), terminal });
          for (const secret of known) {
            const text = `${around}${secret}${around}`;
            const error = Object.assign(new Error(text, { cause: new AggregateError([new TypeError(text)], text) }), {
              [text]: text,
              response: { body: text },
            });
            let nested: unknown = [
              text,
              error,
              new Map([[text, { text }]]),
              new Set([text]),
              new URL(`http://x/${encodeURIComponent(secret.toWellFormed())}`),
            ];
            for (let i = 0; i < depth; i++) nested = i % 2 ? [nested] : { [text]: nested };
            logger.child('area').error({ nested, error, [text]: text }, text);
          }
          // Control characters are replaced after redaction, so each text is compared as it would have been written.
          const shown = terminal === 'json' ? lines().flatMap(stringsIn) : [written()];
          const leaks = known.filter((secret) => shown.some((text) => text.includes(secret)));
          expect(leaks).to.be.empty;
        },
      ),
      { numRuns: 150 },
    );
  });

  it('has no stack where a failure passes, with whatever caused it; all others have theirs', () => {
    const { logger, lines } = record();
    const cause = new AggregateError([new Error('::1 refuses')], 'all refuse');
    logger.error({ error: new PortError('unavailable', 'away', { retryable: true, cause }) }, 'x');
    logger.error({ error: new PortError('unknown', 'odd', { retryable: true }) }, 'x');
    logger.error({ error: new PortError('storage-corrupt', 'damaged', { retryable: false }) }, 'x');
    logger.error({ error: new TypeError('a mistake of ours') }, 'x');
    const told = lines().map(({ error }) => JSON.stringify(error));
    expect(told[0]).to.include('"unavailable"').and.include('::1 refuses').and.not.include('stack');
    for (const other of told.slice(1)) expect(other).to.include('"stack"');
    expect(told).to.have.length(4);
  });

  it('has the stack of a mistake of ours also where it came out as a failure that passes', () => {
    const { logger, lines } = record();
    const passing = (cause: unknown) => new PortError('unavailable', 'away', { retryable: true, cause });
    logger.error({ error: passing(passing(new TypeError('x is not a function'))) }, 'x');
    logger.error({ error: passing(new TypeError('fetch failed', { cause: new Error('refused') })) }, 'x');
    const [mistake, away] = lines().map(({ error }) => JSON.stringify(error));
    expect(mistake?.match(/"stack"/g)).to.have.length(1);
    expect(mistake).to.include('TypeError: x is not a function\\n    at ');
    expect(away).to.include('refused').and.not.include('stack');
  });

  it('hides fields that are secret by their name', () => {
    const { logger, written } = record();
    logger.info({ headers: { Authorization: 'short', 'x-api-key': 'short', Cookie: 'short' }, token: 'short', inputTokens: 5 }, 'x');
    expect(written()).not.to.include('short');
    expect(written()).to.include('"inputTokens":5');
  });

  it('logs what can not be logged', () => {
    const { logger, lines } = record();
    const circle: Record<string, unknown> = {
      n: 1n,
      f: () => 1,
      s: Symbol('s'),
      bytes: Buffer.alloc(5),
      d: new Date(Number.NaN),
      u: undefined,
    };
    circle.self = circle;
    const thrower = {
      get trap(): never {
        throw new Error('no');
      },
    };
    const proxy = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error(`refused ${KEY}`);
        },
      },
    );
    logger.info({ circle, thrower, huge: 'x'.repeat(1_000_000), many: Array.from({ length: 5000 }, (_, i) => i) }, 'odd');
    logger.info({ proxy }, 'odder');
    const [odd, odder] = lines();
    expect(odd?.circle).to.include({ n: '1', f: '[function]', bytes: '[5 bytes]', d: 'invalid date', self: '[circular]' });
    expect(odd?.thrower).to.deep.equal({ trap: '[unreadable]' });
    expect(JSON.stringify(odd).length).to.be.lessThan(50_000);
    expect(JSON.stringify(odder)).to.include('unreadable').and.not.to.include(KEY);
  });

  it('is readable on a terminal, and nobody can forge a line or a colour', () => {
    const { logger, written } = record({ terminal: 'pretty' });
    logger.child('turns').info({ chatId: 'telegram:7' }, 'said \u001b[31mred\u0007\r\n[00:00:00.000] INFO: forged');
    expect(written()).to.match(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: \[turns\] said .*chatId.*telegram:7.*\n$/);
    for (const control of ['\u0007', '\r', '\u001b']) expect(written()).not.to.include(control);
    expect(written().trim().split('\n')).to.have.length(1);
  });

  describe('with a file', () => {
    let directory: string;
    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'kept-log-'));
    });
    afterEach(() => rmSync(directory, { recursive: true }));

    it('adds JSON lines to it, for its owner alone, each on disk at once', async () => {
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

    it('narrows the rights of a file that was there', async () => {
      const file = join(directory, 'kept.log');
      writeFileSync(file, '', { mode: 0o644 });
      await makePinoLogger({ level: 'info', terminal: 'none', file, redact: makeRedactor([]) }).close();
      expect(statSync(file).mode & 0o777).to.equal(0o600);
    });

    it('says so when the file can not be opened', () => {
      writeFileSync(join(directory, 'logs'), '');
      expect(() => makePinoLogger({ level: 'info', file: join(directory, 'logs/kept.log'), redact: makeRedactor([]) }))
        .to.throw()
        .with.property('code', 'unavailable');
    });

    it('waits for nobody who should read a pipe in its place', async () => {
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

    it('fails no caller when the disk is full, and says that it is', async () => {
      if (!existsSync('/dev/full')) return;
      const { logger, fault, close } = makePinoLogger({ level: 'info', terminal: 'none', file: '/dev/full', redact: makeRedactor([]) });
      expect(fault()).to.equal(undefined);
      for (let i = 0; i < 100; i++) logger.info({ i }, 'x'.repeat(1000));
      expect(fault()).to.match(/ENOSPC/);
      await close();
    });

    it('puts a full file aside, keeps so many, and loses no line of several writers', async () => {
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

    it('leaves a full file where it is while another process puts it aside, unless that one was killed meanwhile', async () => {
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

    it('says in the log how many lines a full disk has cost, and joins no line to the half of another', async () => {
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

    it('adds each line to the file of that name, also right after another process has put it aside', async () => {
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

    it('goes on in a new file when somebody moved the file away, and in the moved one when the whole directory is gone', async () => {
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

const stringsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [key, ...stringsIn(item)]);
};
