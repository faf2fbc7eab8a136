import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeReadLogTail } from '../../../src/adapters/pino/index.ts';
import { makeRedactor } from '../../../src/adapters/redaction/index.ts';
import { chatId, promiseId } from '../../../src/domain/index.ts';
import type { LogQuery } from '../../../src/ports/index.ts';

const MB = 1024 ** 2;

describe('The tail of a log', () => {
  let directory: string;
  let path: string;
  let read: ReturnType<typeof makeReadLogTail>;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'kept-log-tail-'));
    path = join(directory, 'kept.log');
    read = makeReadLogTail({ path, redact: makeRedactor(['obviously-no-real-key']) });
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const line = (msg: string, fields: Record<string, unknown> = {}): string =>
    `${JSON.stringify({ level: 'info', time: '2026-11-30T10:00:00.000Z', pid: 1, area: 'turns', ...fields, msg })}\n`;
  const tail = async (query: Partial<LogQuery> = {}) => {
    const { lines, ...rest } = await read({ limit: 3, ...query });
    return { ...rest, messages: lines.map(({ msg }) => msg) };
  };

  it('is the newest lines, over the files of the log, oldest first', async () => {
    writeFileSync(`${path}.1`, line('a') + line('b'));
    writeFileSync(path, line('c') + line('d'));
    expect(await tail()).to.deep.include({ messages: ['b', 'c', 'd'], isChanged: true, hasMore: true });
    expect(await tail({ limit: 4 })).to.deep.include({ messages: ['a', 'b', 'c', 'd'], hasMore: false });
  });

  it('is empty where nothing was logged yet', async () => {
    expect(await tail()).to.deep.include({ messages: [], isChanged: true, hasMore: false });
  });

  it('is read again where a line was added or a file put aside, and not where nothing has changed', async () => {
    writeFileSync(path, line('a'));
    const { state } = await tail();
    expect(await tail({ unless: state })).to.deep.equal({ state, messages: [], isChanged: false, hasMore: false });
    appendFileSync(path, line('b'));
    const next = await tail({ unless: state });
    expect(next.messages).to.deep.equal(['a', 'b']);
    renameSync(path, `${path}.1`);
    writeFileSync(path, '');
    expect(await tail({ unless: next.state })).to.deep.include({ messages: ['a', 'b'], isChanged: true });
  });

  it('holds what is at least so grave, of one part, or of one work', async () => {
    writeFileSync(
      path,
      line('info') +
        line('warn', { level: 'warn' }) +
        line('error', { level: 'error', area: 'mcp.files' }) +
        line('traced', { trace: 'ab12' }),
    );
    expect((await tail({ level: 'warn' })).messages).to.deep.equal(['warn', 'error']);
    expect((await tail({ area: 'mcp' })).messages).to.deep.equal(['error']);
    expect((await tail({ trace: 'ab' })).messages).to.deep.equal(['traced']);
  });

  it('holds the whole work of a chat or of a promise, from before it was named', async () => {
    const chat = chatId('telegram:501');
    writeFileSync(
      path,
      line('begin', { trace: 'aa' }) +
        line('made', { trace: 'aa', chatId: chat, promiseId: 3 }) +
        line('other', { trace: 'bb', promiseId: 33 }),
    );
    expect((await tail({ chatId: chat })).messages).to.deep.equal(['begin', 'made']);
    expect((await tail({ promiseId: promiseId(3) })).messages).to.deep.equal(['begin', 'made']);
  });

  it('shows no present secret, though it was none when the line was written', async () => {
    writeFileSync(path, line('with obviously-no-real-key in it', { token: 'anything' }));
    const { lines } = await read({ limit: 1 });
    expect(JSON.stringify(lines)).not.to.include('obviously-no-real-key').and.not.include('anything');
  });

  it('leaves out what is no line: cut at the end, or where the reading began', async () => {
    writeFileSync(path, `${line('a')}{"level":"info","ti`);
    expect((await tail()).messages).to.deep.equal(['a']);
  });

  it('looks back as far as four megabytes, and no further', async () => {
    const filler = line('filler', { text: 'x'.repeat(1_000) });
    const about = (bytes: number) => filler.repeat(Math.round(bytes / filler.length));
    const early = line('early', { level: 'error' });
    writeFileSync(path, early + about(3 * MB));
    expect(await tail({ level: 'error' })).to.deep.include({ messages: ['early'], hasMore: false });
    writeFileSync(path, early + about(5 * MB));
    expect(await tail({ level: 'error' })).to.deep.include({ messages: [], hasMore: true });
    expect(await tail({ limit: 500 })).to.deep.include({ messages: Array.from({ length: 500 }, () => 'filler'), hasMore: true });
  });
});
