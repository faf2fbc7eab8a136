import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, createWriteStream, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  forgetLines,
  hasLog,
  makeLogFilter,
  makePinoLogger,
  parseLogLine,
  type ReadLogOptions,
  readLog,
} from '../../../src/adapters/pino/index.ts';

const line = (fields: Record<string, unknown>): string =>
  JSON.stringify({ level: 'info', time: '2026-11-30T10:00:00.000Z', pid: 1, ...fields });

describe('The files of a log', () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'kept-read-log-'));
    path = join(directory, 'kept.log');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const write = (name: string, ...texts: readonly string[]): void => writeFileSync(join(directory, name), texts.join('\n'));
  const all = async (options: Omit<ReadLogOptions, 'path'> = {}): Promise<readonly string[]> => {
    const found: string[] = [];
    for await (const entry of readLog({ path, ...options })) found.push(entry.type === 'line' ? entry.text : `(${entry.type})`);
    return found;
  };
  /** Follows the log until `isEnough`, having called `act` where all that was there is read. */
  const follow = async (
    isEnough: (found: readonly string[]) => boolean,
    act: (found: readonly string[]) => void,
  ): Promise<readonly string[]> => {
    const quit = new AbortController();
    const found: string[] = [];
    for await (const entry of readLog({ path, follow: quit.signal })) {
      found.push(entry.type === 'line' ? entry.text : `(${entry.type})`);
      if (entry.type === 'end' || entry.type === 'line') act(found);
      if (isEnough(found)) quit.abort();
    }
    return found;
  };

  it('are read oldest first, though one is missing, and others are none', async () => {
    write('kept.log', 'e', 'f', '');
    write('kept.log.1', 'd', '');
    write('kept.log.10', 'a', 'b', '');
    write('kept.log.4', 'c', '');
    write('kept.log.claim', 'x');
    write('kept.log.1.gz', 'x');
    write('start.out', 'x');
    // Nobody writes into it: who opened it as a file would wait for ever.
    execFileSync('mkfifo', [`${path}.3`]);
    expect(await all()).to.deep.equal(['a', 'b', 'c', 'd', 'e', 'f', '(end)']);
  });

  it('are read from so many bytes before their end, without the line that this cuts', async () => {
    write('kept.log.2', 'first', '');
    write('kept.log.1', 'second', 'third', '');
    write('kept.log', 'fourth', 'fifth', '');
    expect(await all({ tailBytes: 6 })).to.deep.equal(['(end)']);
    expect(await all({ tailBytes: 7 })).to.deep.equal(['fifth', '(end)']);
    expect(await all({ tailBytes: 13 + 8 })).to.deep.equal(['third', 'fourth', 'fifth', '(end)']);
    expect(await all({ tailBytes: 1_000 })).to.deep.equal(['first', 'second', 'third', 'fourth', 'fifth', '(end)']);
  });

  it('may be missing', async () => {
    expect(await all()).to.deep.equal(['(end)']);
    expect(await hasLog(path)).to.equal(false);
    expect(await hasLog(join(directory, 'nowhere/kept.log'))).to.equal(false);
    write('kept.log.1', 'a');
    expect(await hasLog(path)).to.equal(true);
  });

  it('are left out where nothing was written to them since', async () => {
    write('kept.log', 'c', '');
    write('kept.log.1', 'b', '');
    write('kept.log.2', 'a', '');
    utimesSync(`${path}.2`, 1_000, 1_000);
    utimesSync(`${path}.1`, 3_000, 3_000);
    expect(await all({ since: 2_000_000 })).to.deep.equal(['b', 'c', '(end)']);
  });

  it('may end in the middle of a line, hold empty ones, and one beyond all measure, which takes no memory', async () => {
    write('kept.log.1', 'a', '', 'half');
    const big = createWriteStream(path);
    big.write('é\n');
    for (let i = 0; i < 20; i++) if (!big.write('x'.repeat(1024 ** 2))) await once(big, 'drain');
    big.end('\nz');
    await once(big, 'close');
    expect(await all()).to.deep.equal(['a', 'half', 'é', '(cut)', 'z', '(end)']);
  });

  it('are followed over turn-overs, several at once too, and no line is missed or told twice', async () => {
    write('kept.log', 'a', '');
    let steps = 0;
    const turnOver = (...texts: readonly string[]): void => {
      for (let n = 8; n > 0; n--) {
        try {
          renameSync(n === 1 ? path : `${path}.${n - 1}`, `${path}.${n}`);
        } catch {
          // There are fewer files.
        }
      }
      writeFileSync(path, texts.map((text) => `${text}\n`).join(''));
    };
    const found = await follow(
      (lines) => lines.at(-1) === 'j',
      (lines) => {
        const last = lines.at(-1) ?? '';
        const next: Readonly<Record<string, () => void>> = {
          '(end)': () => appendFileSync(path, 'b\nc'),
          b: () => {
            appendFileSync(path, '\n');
            turnOver('d');
            // A writer that looked at the name right before.
            appendFileSync(`${path}.1`, 'late\n');
          },
          d: () => {
            turnOver('e', 'f');
            turnOver('g');
            turnOver('h');
          },
          h: () => appendFileSync(path, 'i\nj\n'),
        };
        steps += next[last] ? 1 : 0;
        next[last]?.();
      },
    );
    expect(steps).to.equal(4);
    expect(found).to.deep.equal(['a', '(end)', 'b', 'c', 'late', 'd', 'e', 'f', 'g', 'h', 'i', 'j']);
  });

  it('are followed where lines are taken out of them, and no line is missed or told twice', async () => {
    write('kept.log.1', 'a', 'theirs 1', 'b', '');
    utimesSync(`${path}.1`, 1_000, 1_000);
    write('kept.log', 'theirs 2', 'c', 'theirs 3', 'd', '');
    const found = await follow(
      (lines) => lines.at(-1) === 'f',
      (lines) => {
        if (lines.at(-1) === '(end)')
          void forgetLines(path, (text) => text.startsWith('theirs')).then(() => appendFileSync(path, 'theirs 4\ne\n'));
        if (lines.at(-1) === 'e') {
          renameSync(path, `${path}.1`);
          writeFileSync(path, 'f\n');
        }
      },
    );
    expect(found).to.deep.equal(['a', 'theirs 1', 'b', 'theirs 2', 'c', 'theirs 3', 'd', '(end)', 'theirs 4', 'e', 'f']);
  });

  it('are waited for, and followed while the logger puts them aside', async () => {
    const { logger, close } = makePinoLogger({
      level: 'info',
      terminal: 'none',
      file: path,
      redact: (text) => text,
      maxFileBytes: 300,
      maxFiles: 3,
    });
    rmSync(path);
    let said = 0;
    const found = await follow(
      (lines) => lines.at(-1)?.includes('"i":30') ?? false,
      () => logger.info({ i: ++said }, 'said'),
    );
    await close();
    expect(found.slice(1, 31).map((text) => (JSON.parse(text) as { i: number }).i)).to.deep.equal(
      Array.from({ length: 30 }, (_, i) => i + 1),
    );
  });

  it('hold no more than a chunk in memory', async function () {
    const gigabytes = Number(process.env.KEPT_TEST_LOG_GB ?? 0.05);
    this.timeout(120_000);
    const text = `${line({ area: 'turns', msg: 'x'.repeat(400) })}\n`;
    const block = text.repeat(2_000);
    const file = createWriteStream(path);
    let count = 0;
    for (let written = 0; written < gigabytes * 1024 ** 3; written += block.length) {
      if (!file.write(block)) await once(file, 'drain');
      count += 2_000;
    }
    file.end();
    await once(file, 'close');
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    let most = 0;
    let lines = 0;
    for await (const entry of readLog({ path }))
      if (entry.type === 'line' && ++lines % 10_000 === 0) most = Math.max(most, process.memoryUsage().rss);
    expect(lines).to.equal(count);
    expect((most - before) / 1024 ** 2, 'MB').to.be.below(150);
  });
});

describe('The filter of a log', () => {
  const STORY = 'a'.repeat(32);
  const lines = [
    line({ area: 'messages', trace: STORY, chatId: 'local:1', msg: 'message received, to be answered' }),
    line({ area: 'mcp.files', level: 'warn', msg: 'an MCP server failed, and is started again' }),
    line({ area: 'turns', trace: STORY, chatId: 'local:1', promises: [2, 3], msg: 'turn committed' }),
    line({ area: 'promises', trace: 'b'.repeat(32), promiseId: 33, chatId: 'local:12', msg: 'promise started' }),
    line({ area: 'promises', promiseIds: [3], level: 'warn', msg: 'leases of ended runs could not be released; they expire' }),
    line({ area: 'mcp', time: '2026-11-30T12:00:00.000Z', level: 'error', note: `"promiseId":3 of "local:1"`, msg: 'another' }),
    line({ area: 'outbox', time: '2026-11-30T12:00:00.001Z', trace: STORY, chatId: 'local:1', msg: 'message delivered' }),
    line({ area: 'models', trace: STORY, level: 'info', msg: 'a model replied' }),
  ];
  const found = (filter: Parameters<typeof makeLogFilter>[0]): readonly number[] => {
    const { heard, mayFit, fits } = makeLogFilter(filter);
    for (const text of lines) heard(text);
    return lines.flatMap((text, at) => {
      const fit = fits(parseLogLine(text)?.record ?? {});
      if (fit) expect(mayFit(text), 'nothing that fits is left out beforehand').to.equal(true);
      return fit ? [at] : [];
    });
  };

  it('finds the whole story of a promise: its own lines, and those of the work that made it', () => {
    expect(found({ promiseId: 3 })).to.deep.equal([0, 2, 4, 6, 7]);
    expect(found({ promiseId: 33 })).to.deep.equal([3]);
    expect(found({ promiseId: 4 })).to.deep.equal([]);
  });

  it('finds the whole story of a chat in the same way, and that of a trace by the beginning of its id', () => {
    expect(found({ chatId: 'local:12' })).to.deep.equal([3]);
    expect(found({ trace: 'bb' })).to.deep.equal([3]);
    expect(found({ trace: STORY })).to.deep.equal([0, 2, 6, 7]);
    expect(found({ trace: `${STORY}0` })).to.deep.equal([]);
    expect(found({ trace: 'aa', promiseId: 3, level: 'info', area: 'models' })).to.deep.equal([7]);
  });

  it('narrows by area and its parts, chat, time and level, and all of them together', () => {
    expect(found({})).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(found({ area: 'mcp' })).to.deep.equal([1, 5]);
    expect(found({ area: 'mcp.files' })).to.deep.equal([1]);
    expect(found({ chatId: 'local:1' })).to.deep.equal([0, 2, 6, 7]);
    expect(found({ since: Date.parse('2026-11-30T12:00:00Z') })).to.deep.equal([5, 6]);
    expect(found({ level: 'warn' })).to.deep.equal([1, 4, 5]);
    expect(found({ level: 'error' })).to.deep.equal([5]);
    expect(found({ promiseId: 3, area: 'outbox', chatId: 'local:1' })).to.deep.equal([6]);
  });

  it('reads the next line where one was cut off before it, and nothing in what is none', () => {
    const [whole = ''] = lines;
    const joined = parseLogLine(whole.slice(0, 60) + whole);
    expect(joined).to.deep.equal({ record: JSON.parse(whole), isJoined: true });
    for (const text of [whole.slice(0, 60), 'plain words', '[1]', '7', 'null', '']) expect(parseLogLine(text), text).to.equal(undefined);
  });
});
