import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { makeWorkspaceFiles } from '../../../src/adapters/files/index.ts';
import { defineTool, makeFileTools, makePromiseTools, type PromiseToolDeps } from '../../../src/adapters/tools/index.ts';
import { type AgentPromise, makePromise, ok, promiseId, refuse } from '../../../src/domain/index.ts';
import { isPortError, PortError, type Tool, type ToolContext, type ToolOutcome } from '../../../src/ports/index.ts';
import { buildDraft, telegramChat, telegramMessage, telegramUser } from '../../../src/testing/index.ts';

const contextFor = (directory: string, more: Partial<ToolContext> = {}): ToolContext => ({
  chatId: telegramChat(7),
  chatKind: 'direct',
  messageId: telegramMessage(1),
  requestedBy: { id: telegramUser(7) },
  scope: { directory },
  signal: new AbortController().signal,
  draft: buildDraft(),
  ...more,
});
const call = (tools: readonly Tool[], name: string, input: unknown, context: ToolContext): Promise<ToolOutcome> => {
  const tool = tools.find((candidate) => candidate.name === name);
  if (!tool) throw new Error(`no tool ${name}`);
  return tool.run(input, context);
};

describe('defineTool', () => {
  const echo = defineTool({
    name: 'echo',
    description: 'Says it again.',
    schema: z.object({
      text: z.string().describe('What to say'),
      times: z.number().int().min(1).default(1),
      to: z.array(z.number()).optional(),
    }),
    effect: 'reads',
    activity: 'echoing',
    run: async ({ text, times }) => text.repeat(times),
  });

  it('describes its input as a JSON Schema object that takes nothing else', () => {
    expect(echo.inputSchema).to.deep.equal({
      type: 'object',
      properties: {
        text: { type: 'string', description: 'What to say' },
        times: { default: 1, type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
        to: { type: 'array', items: { type: 'number' } },
      },
      required: ['text'],
      additionalProperties: false,
    });
  });

  it('fills in defaults', async () => {
    expect(await echo.run({ text: 'a' }, contextFor('/'))).to.deep.equal({ output: 'a', isError: false });
  });

  it('answers misuse in words that name every place', async () => {
    for (const input of [undefined, null, 'text', 7, []]) expect((await echo.run(input, contextFor('/'))).isError).to.equal(true);
    const { output, isError } = await echo.run({ txt: 'a', times: 0, to: [1, 'x'] }, contextFor('/'));
    expect(isError).to.equal(true);
    for (const part of ['echo was not run', 'text:', 'times:', 'to[1]:', '"txt"']) expect(output).to.include(part);
  });

  it('bounds what comes out, and says how much was cut', async () => {
    const { output } = await echo.run({ text: '😀', times: 20_000 }, contextFor('/'));
    expect(output.length).to.be.at.most(20_000);
    expect(output).to.match(/\[cut here: \d+ of 40000 characters are not shown\]$/);
    expect(output.isWellFormed()).to.equal(true);
  });
});

describe('File tools', () => {
  const tools = makeFileTools(makeWorkspaceFiles());
  let root: string;
  const run = async (name: string, input: unknown): Promise<string> => {
    const { output, isError } = await call(tools, name, input, contextFor(root));
    expect(isError, output).to.equal(false);
    expect(output.length).to.be.at.most(20_000);
    return output;
  };
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'kept-tools-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('are read-only', () => {
    expect(tools.map(({ name, effect }) => [name, effect])).to.deep.equal([
      ['read_file', 'reads'],
      ['list_files', 'reads'],
      ['search_files', 'reads'],
    ]);
  });

  it('read_file reads on to the end by the offsets that it names', async () => {
    const text = Array.from({ length: 8000 }, (_, i) => `Zeile ${i} ä€😀\n`).join('');
    writeFileSync(join(root, 'long.txt'), text);
    let all = '';
    for (let offset = 0; ; ) {
      const output = await run('read_file', { path: 'long.txt', offset });
      const note = /\n\[cut here: bytes (\d+) to (\d+) of \d+; read on with offset (\d+)\]$/.exec(output);
      all += note ? output.slice(0, note.index) : output;
      if (!note) break;
      offset = Number(note[3]);
    }
    expect(all).to.equal(text);
    writeFileSync(join(root, 'empty'), '');
    expect(await run('read_file', { path: 'empty' })).to.equal('[the file is empty]');
    expect(await run('read_file', { path: 'long.txt', offset: 10_000_000 })).to.match(/^\[nothing at offset/);
  });

  it('read_file reads on to the end where what stands for secrets is longer than they are', async () => {
    const lines = Array.from({ length: 3_000 }, (_, line) => `pwd=abc${String(line).padStart(4, '0')} line ${line}\n`);
    writeFileSync(join(root, 'settings.txt'), lines.join(''));
    let text = '';
    for (let offset: number | undefined = 0; offset !== undefined; ) {
      const part = await run('read_file', { path: 'settings.txt', offset });
      const [cut, next] = /\n\[cut here: .* read on with offset (\d+)\]$/.exec(part) ?? [''];
      text += part.slice(0, part.length - cut.length);
      offset = next === undefined ? undefined : Number(next);
    }
    expect(text).not.to.include('abc0').and.not.to.include('cut here');
    for (const line of [0, 1_500, 2_999]) expect(text).to.include(` line ${line}\n`);
  });

  it('list_files tells directories, links and sizes, and lets no name pass for another line', async () => {
    mkdirSync(join(root, 'src'));
    writeFileSync(join(root, 'a.txt'), 'abc');
    writeFileSync(join(root, 'b\nfake (1 bytes)'), '');
    symlinkSync('a.txt', join(root, 'link'));
    expect(await run('list_files', {})).to.equal('a.txt (3 bytes)\n"b\\nfake (1 bytes)" (0 bytes)\nlink@\nsrc/');
    expect(await run('list_files', { path: 'src' })).to.equal('[the directory is empty]');
  });

  it('search_files begins with what it counted', async () => {
    writeFileSync(join(root, 'a.txt'), 'one\n  TODO two\n');
    expect(await run('search_files', { pattern: 'todo', ignore_case: true })).to.equal(
      '1 matching line in 1 file (1 file searched, 0 skipped)\na.txt:2: TODO two',
    );
    writeFileSync(join(root, 'many.txt'), `${'x'.repeat(400)}\n`.repeat(500));
    const lines = (await run('search_files', { pattern: 'x', glob: '*.txt' })).split('\n');
    expect(lines[0]).to.equal('500 matching lines in 1 file (2 files searched, 0 skipped)');
    expect(lines.length).to.be.at.most(102);
    expect(lines.at(-1)).to.match(/more (matching )?lines are not/);
  });

  it('stay in the directory of the scope', async () => {
    for (const [name, input] of [
      ['read_file', { path: '../x' }],
      ['list_files', { path: '/' }],
      ['search_files', { pattern: 'x', path: '..' }],
    ] as const) {
      const refused = await call(tools, name, input, contextFor(root)).then(
        () => undefined,
        (error: { code: string }) => error.code,
      );
      expect(refused, name).to.equal('invalid-request');
    }
  });
});

describe('Promise tools', () => {
  const promiseOf = (id: number, description: string, dependsOn: number[] = []): AgentPromise =>
    makePromise({
      id: promiseId(id),
      chatId: telegramChat(7),
      chatKind: 'direct',
      requestedBy: { id: telegramUser(7) },
      description,
      agent: 'valor_agent',
      taskType: 'analysis',
      tenant: '7',
      priority: 5,
      dependsOn: dependsOn.map(promiseId),
      retry: { maxAttempts: 3, backoffMs: 1 },
      metadata: {},
      createdAt: Date.UTC(2026, 0, 2, 3, 4, 5),
    });
  const toolsOver = (deps: Partial<PromiseToolDeps>): Tool[] =>
    makePromiseTools({
      draftPromise: async () => refuse('promise/invalid', 'not expected'),
      listPromises: async () => [],
      cancelPromise: async () => refuse('promise/invalid', 'not expected'),
      clock: { now: () => Date.UTC(2026, 10, 22, 12) },
      timeZone: 'Europe/Berlin',
      ...deps,
    });

  it('make_promise passes everything on, and says the number', async () => {
    const asked: unknown[] = [];
    const context = contextFor('/');
    const tools = toolsOver({
      draftPromise: async (request, { draft }) => {
        asked.push(request);
        const promise = promiseOf(12, request.description, [3]);
        draft?.decide({ type: 'make-promise', promise });
        return ok({ promise, isNew: true });
      },
    });
    const input = { description: ' count\nall ', task_type: 'search', priority: 1, depends_on: [3], idempotency_key: 'k' };
    expect(await call(tools, 'make_promise', input, context)).to.deep.equal({
      output:
        'Promise #12 is made with this reply: count all. It starts once #3 completed. Its result comes to this chat by itself; tell the person its number.',
      isError: false,
    });
    expect(asked).to.deep.equal([{ description: 'count\nall', taskType: 'search', priority: 1, dependsOn: [3], idempotencyKey: 'k' }]);
  });

  it('make_promise lets the model choose an agent where there are several', async () => {
    const chosen: unknown[] = [];
    const draftPromise: PromiseToolDeps['draftPromise'] = async (request) => {
      chosen.push(request.agent);
      return ok({ promise: promiseOf(12, request.description), isNew: true });
    };
    const properties = (tools: readonly Tool[]) => Object.keys(Object(tools[0]?.inputSchema.properties));
    expect(properties(toolsOver({ draftPromise, agents: ['valor_agent'] }))).to.not.include('agent');
    const several = toolsOver({ draftPromise, agents: ['valor_agent', 'notion_scout'] });
    expect(properties(several)).to.include('agent');
    await call(several, 'make_promise', { description: 'count', agent: 'notion_scout' }, contextFor('/'));
    await call(several, 'make_promise', { description: 'count' }, contextFor('/'));
    expect((await call(several, 'make_promise', { description: 'count', agent: 'nobody' }, contextFor('/'))).isError).to.equal(true);
    expect(chosen).to.deep.equal(['notion_scout', undefined]);
  });

  it('make_promise reads times on the clocks of the process, and refuses in words what is none', async () => {
    const asked: { notBefore?: number; deadline?: number }[] = [];
    const tools = toolsOver({
      draftPromise: async (request, { draft }) => {
        asked.push(request);
        const promise = { ...promiseOf(12, request.description), ...request } as AgentPromise;
        draft?.decide({ type: 'make-promise', promise });
        return ok({ promise, isNew: true });
      },
    });
    const say = async (times: object) => (await call(tools, 'make_promise', { description: 'count', ...times }, contextFor('/'))).output;
    expect(await say({ at: '2026-11-23T09:00', deadline: '2026-11-23T12:00-05:00' })).to.match(
      /: count\. It starts at 2026-11-23 09:00 \(Europe\/Berlin\)\. It is to be done by 2026-11-23 18:00 \(Europe\/Berlin\), or fails\. Its result/,
    );
    expect(asked[0]).to.include({ notBefore: Date.parse('2026-11-23T08:00Z'), deadline: Date.parse('2026-11-23T17:00Z') });
    await say({ at: 'PT90M' });
    expect(asked[1]).to.include({ notBefore: Date.UTC(2026, 10, 22, 13, 30) });
    await say({ at: '17:00', deadline: 'tomorrow 09:30' });
    expect(asked.pop()).to.include({ notBefore: Date.UTC(2026, 10, 22, 16), deadline: Date.UTC(2026, 10, 23, 8, 30) });
    expect(await say({ deadline: 'tomorrow' })).to.match(
      /^No promise was made: "tomorrow" is no time: write 2026-11-23T09:00 \(on the clocks of Europe\/Berlin\), .*It is 2026-11-22 13:00 now$/,
    );
    expect(asked).to.have.length(2);
  });

  it('make_promise says when it was made before, and when it is refused', async () => {
    const again = toolsOver({ draftPromise: async () => ok({ promise: promiseOf(4, 'count'), isNew: false }) });
    expect((await call(again, 'make_promise', { description: 'count', idempotency_key: 'k' }, contextFor('/'))).output).to.match(
      /^Promise #4 was already made .*\[pending\]/,
    );
    const refused = await call(toolsOver({}), 'make_promise', { description: 'x' }, contextFor('/'));
    expect(refused).to.deep.equal({ output: 'No promise was made: not expected', isError: true });
    for (const input of [
      {},
      { description: ' ' },
      { description: 'x', priority: 11 },
      { description: 'x', depends_on: [0] },
      { description: 'x', task_type: 'dance' },
    ])
      expect((await call(again, 'make_promise', input, contextFor('/'))).output).to.match(/^make_promise was not run/);
  });

  it('list_promises has one line each, those of this turn first, with the times ahead of it', async () => {
    const asked: unknown[] = [];
    const tools = toolsOver({
      listPromises: async (request) => {
        asked.push(request);
        const [notBefore, deadline] = [Date.parse('2026-11-23T08:00Z'), Date.parse('2026-11-23T17:00Z')];
        return [promiseOf(2, 'second\nline'), { ...promiseOf(1, 'first'), notBefore, deadline }];
      },
    });
    const context = contextFor('/', {
      draft: buildDraft({ type: 'make-promise', promise: promiseOf(3, 'new') }, { type: 'cancel-promise', promiseId: promiseId(1) }),
    });
    expect((await call(tools, 'list_promises', {}, context)).output.split('\n')).to.deep.equal([
      '#3 [pending] new (made 2026-01-02 04:04)',
      '#2 [pending] second line (made 2026-01-02 04:04)',
      '#1 [pending] first (made 2026-01-02 04:04; from 2026-11-23 09:00; by 2026-11-23 18:00) – is cancelled with this reply',
    ]);
    await call(tools, 'list_promises', { status: 'failed' }, context);
    expect(asked).to.deep.equal([{ chatId: telegramChat(7) }, { chatId: telegramChat(7), statuses: ['failed'] }]);
    expect((await call(toolsOver({}), 'list_promises', {}, contextFor('/'))).output).to.equal('This chat has no promises.');
  });

  it('storage that is away is told of without its address, which stays for the log', async () => {
    const away = new PortError('unavailable', 'PostgreSQL at 192.0.2.7:5432/kept refuses', { retryable: true });
    const tools = toolsOver({ listPromises: () => Promise.reject(away) });
    const failure = await call(tools, 'list_promises', {}, contextFor('/')).catch((error: unknown) => error);
    expect(isPortError(failure) && failure).to.include({
      code: 'unavailable',
      retryable: true,
      cause: away,
      message: "Kept's storage can't be used just now.",
    });
  });

  it('cancel_promise tells when it takes effect', async () => {
    const say = async (cancelPromise: PromiseToolDeps['cancelPromise']): Promise<ToolOutcome> =>
      call(toolsOver({ cancelPromise }), 'cancel_promise', { id: 12 }, contextFor('/'));
    expect((await say(async (id) => ok(promiseOf(id, 'x')))).output).to.equal('Promise #12 is cancelled with this reply.');
    const gone = await say(async () => refuse('promise/not-found', 'there is no promise #12'));
    expect(gone).to.deep.equal({ output: 'Nothing was cancelled: there is no promise #12', isError: true });
  });
});
