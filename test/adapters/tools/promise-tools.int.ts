import { expect } from 'chai';
import { makePromiseTools, type PromiseToolDeps } from '../../../src/adapters/tools/index.ts';
import { type AgentPromise, makePromise, ok, promiseId } from '../../../src/domain/index.ts';
import { refuse } from '../../../src/domain/shared/result.ts';
import { isPortError, PortError, type Tool, type ToolOutcome } from '../../../src/ports/index.ts';
import { buildDraft, telegramChat, telegramUser } from '../../../src/testing/index.ts';
import { call, contextFor } from './harness.ts';

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
