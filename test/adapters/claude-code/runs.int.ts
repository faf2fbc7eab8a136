import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeStartChild } from '../../../src/adapters/child-process/index.ts';
import { type ClaudeSdk, makeClaudeCodeAgent } from '../../../src/adapters/claude-code/index.ts';
import type { CodingHooks, CodingRun } from '../../../src/ports/index.ts';
import { type CodingSite, makeCodingSite } from '../../support/coding-site.ts';
import { failureOf } from '../../support/failure-of.ts';

const SESSION = '00000000-0000-4000-8000-000000000001';

type Options = Readonly<Record<string, unknown>>;

/** A result as the SDK gives it. */
const result = (fields: object = {}): object => ({
  type: 'result',
  subtype: 'success',
  is_error: false,
  result: 'It is done.',
  total_cost_usd: 0.5,
  modelUsage: { 'claude-test': { inputTokens: 10, outputTokens: 4, cacheReadInputTokens: 2, cacheCreationInputTokens: 1 } },
  ...fields,
});

const reply = (id: string, usage: object, content: readonly object[] = []): object => ({
  type: 'assistant',
  message: { id, model: 'claude-test', usage, content },
});

describe('A run of Claude Code, over the messages of its SDK', () => {
  let site: CodingSite;
  beforeEach(async () => {
    site = await makeCodingSite();
  });
  afterEach(() => site.remove());

  /** Runs over what the SDK would say; `seen` are the options of its calls. */
  const stage = (query: (options: Options, turn: number) => AsyncIterable<unknown>) => {
    const seen: Options[] = [];
    const sdk: ClaudeSdk = {
      query: ({ options }) => {
        seen.push(options);
        return query(options, seen.length);
      },
    };
    const agent = makeClaudeCodeAgent({
      load: async () => sdk,
      anthropic: { apiKey: 'sk-ant-the-key-of-the-product', baseUrl: 'http://127.0.0.1:9' },
      homeFor: async () => site.home,
      hidden: [],
      path: process.env.PATH ?? '',
      start: makeStartChild(undefined),
    });
    const run = (change: Partial<CodingRun> = {}, hooks: Partial<CodingHooks> = {}) =>
      agent.run(
        { instruction: 'Do this.', workspace: site.workspace, limits: { maxTurns: 20 }, signal: new AbortController().signal, ...change },
        { onProgress: () => undefined, onPermission: site.onPermission, ...hooks },
      );
    return { seen, run };
  };

  const says = (...messages: readonly object[]) =>
    async function* () {
      yield* messages;
    };

  const knowsSession = async (): Promise<void> => {
    await mkdir(join(site.home, '.claude/projects/x'), { recursive: true });
    await writeFile(join(site.home, `.claude/projects/x/${SESSION}.jsonl`), '{}\n');
  };

  it('ends if its signal aborts between its session and its first message', async () => {
    const abort = new AbortController();
    let isAsked = false;
    const { run } = stage(async function* () {
      isAsked = true;
      yield result();
    });
    // The way to the model is opened once the session was told: the signal aborts meanwhile.
    const onSession = async (): Promise<void> => process.nextTick(() => abort.abort());
    const error = await failureOf(run({ signal: abort.signal }, { onSession }));
    expect(error).to.include({ code: 'aborted' });
    expect(isAsked).to.equal(false);
  });

  it('tells the text, the model, what was denied, and of a session only what it used in addition', async () => {
    const denied = { tool_use_id: 'call-1', tool_name: 'Write', tool_input: { file_path: join(site.workspace, '.git/hooks/x') } };
    const { run, seen } = stage(
      says(
        reply('r1', { input_tokens: 10, output_tokens: 4 }, [
          { type: 'tool_use', name: 'Write', input: { file_path: join(site.workspace, 'a.txt') } },
        ]),
        result({ permission_denials: [denied] }),
      ),
    );
    const progress: string[] = [];
    await knowsSession();
    const first = await run({ session: SESSION }, { onProgress: (text) => progress.push(text) });
    expect(progress).to.deep.equal(['Write a.txt']);
    expect(first).to.deep.equal({
      text: 'It is done.',
      session: SESSION,
      usage: { inputTokens: 10, outputTokens: 4, cacheReadTokens: 2, cacheWriteTokens: 1 },
      denials: [{ title: 'Write .git/hooks/x', reason: 'the rules of Claude Code do not allow it' }],
      stop: 'end',
      costUsd: 0.5,
      model: 'claude-test',
    });
    const { usage, costUsd } = await run({ session: SESSION });
    expect({ usage, costUsd }).to.deep.equal({
      usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 },
      costUsd: 0,
    });
    expect(seen.map(({ resume }) => resume)).to.deep.equal([SESSION, SESSION]);
  });

  it('has done its work, although what it used can not be noted', async () => {
    await knowsSession();
    await mkdir(join(site.home, `spent-${SESSION}.json`));
    const { run } = stage(says(result()));
    expect(await run({ session: SESSION })).to.include({ text: 'It is done.', stop: 'end' });
  });

  it('begins a new session where Claude Code does not find the old one', async () => {
    await knowsSession();
    const { run, seen } = stage((_, turn) =>
      turn === 1
        ? says(result({ subtype: 'error_during_execution', is_error: true, errors: ['No conversation found with session ID'] }))()
        : says(result())(),
    );
    const told: string[] = [];
    const { session } = await run({ session: SESSION }, { onSession: async (id) => void told.push(id) });
    expect(session).to.not.equal(SESSION);
    expect(told).to.deep.equal([SESSION, session]);
    expect(seen.map(({ resume, sessionId }) => [resume, sessionId])).to.deep.equal([
      [SESSION, undefined],
      [undefined, session],
    ]);
  });

  it('ends at a limit with what it has, and is refused where its model declines', async () => {
    const stopOf = async (fields: object): Promise<string> => (await stage(says(result(fields))).run()).stop;
    expect(await stopOf({ subtype: 'error_max_turns', is_error: true })).to.equal('limit');
    expect(await stopOf({ subtype: 'error_max_budget_usd', is_error: true })).to.equal('limit');
    expect(await stopOf({ stop_reason: 'refusal' })).to.equal('refused');
  });

  it('fails with what its model answered, and with what was paid', async () => {
    const failure = async (fields: object) => failureOf(stage(says(result({ is_error: true, ...fields }))).run());
    expect(await failure({ api_error_status: 401 })).to.include({ code: 'unauthorised', retryable: false });
    expect(await failure({ result: 'Not logged in' })).to.include({ code: 'unauthorised', retryable: false });
    expect(await failure({ api_error_status: 402 })).to.include({ code: 'out-of-credit', retryable: false });
    expect(await failure({ api_error_status: 429 })).to.include({ code: 'rate-limited', retryable: true });
    expect(await failure({ api_error_status: 529 })).to.include({ code: 'unavailable', retryable: true });
    expect(await failure({ api_error_status: 400 })).to.include({ code: 'invalid-request', retryable: false });
    expect(await failure({ subtype: 'error_during_execution', errors: ['broken'] }))
      .to.include({ code: 'unavailable', retryable: true })
      .and.have.nested.property('usage.inputTokens', 10);
  });

  it('fails for now where it ends without a result, with what its replies used', async () => {
    const { run } = stage(async function* () {
      yield reply('r1', { input_tokens: 1, output_tokens: 1 });
      yield reply('r1', { input_tokens: 7, output_tokens: 3 });
      yield reply('r2', { input_tokens: 2, output_tokens: 1 });
      throw new Error('the process died');
    });
    const error = await failureOf(run());
    expect(error).to.include({ code: 'unavailable', retryable: true });
    expect(error).to.have.property('message').that.includes('the process died');
    expect(error).to.have.deep.property('usage', { inputTokens: 9, outputTokens: 4, cacheReadTokens: 0, cacheWriteTokens: 0 });
  });

  it('is given the safe set, its limits, and a key of one run alone', async () => {
    const { run, seen } = stage(says(result()));
    await run({ limits: { maxTurns: 3, maxCostUsd: 2 } });
    const [options = {}] = seen;
    expect(options).to.deep.include({
      permissionMode: 'dontAsk',
      tools: ['Read', 'Write', 'Edit', 'Glob', 'Grep'],
      allowedTools: ['Read(./**)', 'Edit(./**)'],
      settingSources: [],
      strictMcpConfig: true,
      cwd: site.workspace,
      maxTurns: 3,
      maxBudgetUsd: 2,
    });
    expect(JSON.stringify(options.env)).to.not.include('sk-ant-the-key-of-the-product');
    expect(options.env).to.include({ HOME: site.home, TMPDIR: site.home });
  });

  it('asks the rule of the product before each call of a tool, and denies what can not be decided', async () => {
    const asked: unknown[] = [];
    let isBroken = false;
    const answers: unknown[] = [];
    const { run } = stage(async function* (options) {
      const [{ hooks: [ask] = [] } = {}] = (
        options.hooks as { readonly PreToolUse: readonly { readonly hooks: readonly ((input: unknown) => Promise<unknown>)[] }[] }
      ).PreToolUse;
      const call = async (tool_name: string, tool_input: object) =>
        answers.push(await ask?.({ tool_name, tool_input, tool_use_id: tool_name }));
      await call('Write', { file_path: 'a.txt' });
      await call('Glob', { pattern: '../*' });
      await call('Grep', { pattern: 'x' });
      isBroken = true;
      await call('Read', { file_path: 'b.txt' });
      yield result();
    });
    const { denials } = await run(
      {},
      {
        onPermission: async (kind, title, paths) => {
          if (isBroken) throw new Error('the disk is gone');
          asked.push([kind, title, paths]);
          return { allowed: true };
        },
      },
    );
    expect(asked).to.deep.equal([
      ['edit', 'Write a.txt', ['a.txt']],
      ['search', 'Glob ../*', ['../']],
      ['search', 'Grep x', [site.workspace]],
    ]);
    expect(answers.slice(0, 3)).to.deep.equal([{}, {}, {}]);
    expect(answers[3]).to.have.nested.property('hookSpecificOutput.permissionDecision', 'deny');
    expect(denials).to.deep.equal([{ title: 'Read b.txt', reason: 'it could not be decided: the disk is gone' }]);
  });

  it('keeps nothing of a key in its home', async () => {
    const { run } = stage(says(result()));
    const { session } = await run();
    expect(await readFile(join(site.home, `spent-${session}.json`), 'utf8')).to.equal(
      '{"costUsd":0.5,"usage":{"inputTokens":10,"outputTokens":4,"cacheReadTokens":2,"cacheWriteTokens":1}}',
    );
  });
});
