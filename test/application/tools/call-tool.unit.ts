import { expect } from 'chai';
import { makeContent } from '../../../src/application/index.ts';
import type { CallGuard } from '../../../src/application/tools/call-guard.ts';
import { makeCallTool } from '../../../src/application/tools/call-tool.ts';
import type { Decision } from '../../../src/domain/conversation/decision.ts';
import { type Content, PortError, type Tool, type ToolContext } from '../../../src/ports/index.ts';
import { buildDraft, buildTool, makeFixedClock, makeRecordingEvents, telegramChat, telegramUser } from '../../../src/testing/index.ts';
import { redact, SECRET } from '../support/harness.ts';

const contextOf = (more: Partial<ToolContext> = {}): ToolContext => ({
  chatId: telegramChat(501),
  chatKind: 'direct',
  requestedBy: { id: telegramUser(501) },
  scope: { directory: '/srv' },
  signal: new AbortController().signal,
  ...more,
});
const inTurn = (): ToolContext => contextOf({ draft: buildDraft() });

const harness = (offered: readonly Tool[], guard?: CallGuard) => {
  const clock = makeFixedClock();
  const events = makeRecordingEvents();
  const content = makeContent();
  const contents: Content[] = [];
  content.on((each) => contents.push(each));
  const callTool = makeCallTool({ clock, events, redact, content, guard });
  const call = (name: string, context = contextOf(), input: unknown = {}) => callTool({ name, input, offered, context });
  return { clock, events, contents, callTool, call };
};

describe('Calling a tool', () => {
  it('hands over input and context, and says what the tool said, without secrets', async () => {
    const seen: unknown[] = [];
    const look = buildTool({
      name: 'look',
      run: async (input, { chatId, scope }) => {
        seen.push({ input, chatId, scope });
        return { output: `found ${SECRET}`, isError: false };
      },
    });
    const { call } = harness([look]);
    expect(await call('look', contextOf(), { at: 1 })).to.deep.equal({ output: 'found [redacted]', isError: false });
    expect(seen).to.deep.equal([{ input: { at: 1 }, chatId: telegramChat(501), scope: { directory: '/srv' } }]);
  });

  it('refuses a tool that is not offered, and names those that are', async () => {
    const { call } = harness([buildTool({ name: 'look' }), buildTool({ name: 'list' })]);
    expect(await call('burn')).to.deep.equal({ output: 'There is no tool named burn here. Available: look, list.', isError: true });
  });

  it('refuses arguments that are too large without running the tool', async () => {
    let runs = 0;
    const count = async () => ({ output: `${++runs}`, isError: false });
    const { call } = harness([buildTool({ name: 'look', run: count })]);
    const { output, isError } = await call('look', contextOf(), { text: 'x'.repeat(100_001) });
    expect({ isError, runs }).to.deep.equal({ isError: true, runs: 0 });
    expect(output).to.match(/^look was not run: its arguments are longer than/);
  });

  it('tells the operator what to look at where a tool fails, and the model only why', async () => {
    const fails = (help?: string) =>
      buildTool({
        name: 'look',
        run: () =>
          Promise.reject(
            new PortError('unauthorised', `refused, not ${SECRET}`, { retryable: false, ...(help === undefined ? {} : { help }) }),
          ),
      });
    const helped = harness([fails('see TEA_API_KEY')]);
    expect((await helped.call('look')).output).to.equal('look failed: refused, not [redacted]');
    expect(helped.events.of('tool-needs-operator')).to.deep.equal([
      { type: 'tool-needs-operator', tool: 'look', chatId: telegramChat(501), reason: 'refused, not [redacted]', help: 'see TEA_API_KEY' },
    ]);
    const plain = harness([fails()]);
    await plain.call('look');
    expect(plain.events.of('tool-needs-operator')).to.deep.equal([]);
  });

  for (const [effect, where, context, refusal] of [
    ['acts', 'in a turn', inTurn(), /^burn was not run: it acts at once, and nothing may act while a message is answered\. Say what/],
    ['acts', 'outside of a turn', contextOf(), /^burn was not run: it needs a person's approval/],
    ['decides', 'outside of a turn', contextOf(), /^burn was not run: it decides something/],
    ['decides', 'in a turn', inTurn(), undefined],
    ['reads', 'in a turn', inTurn(), undefined],
    ['reads', 'outside of a turn', contextOf(), undefined],
  ] as const)
    it(`${refusal ? 'refuses' : 'runs'} a tool that ${effect} ${where}`, async () => {
      let runs = 0;
      const { call } = harness([buildTool({ name: 'burn', effect, run: async () => ({ output: `${++runs}`, isError: false }) })]);
      const { output, isError } = await call('burn', context);
      expect({ isError, runs }).to.deep.equal(refusal ? { isError: true, runs: 0 } : { isError: false, runs: 1 });
      if (refusal) expect(output).to.match(refusal);
    });

  it('points to make_promise where a tool that acts is refused and promises can be made', async () => {
    const { call } = harness([buildTool({ name: 'burn', effect: 'acts' }), buildTool({ name: 'make_promise', effect: 'decides' })]);
    expect((await call('burn', inTurn())).output).to.include('Make a promise of it (make_promise)');
  });

  it('says of a tool of an MCP server what would let it run in promises, unless it may', async () => {
    const write = buildTool({ name: 'mcp__files__write', effect: 'acts' });
    const asked = { name: write.name, input: {}, offered: [write], context: inTurn() };
    const { clock, events } = harness([]);
    const told = await Promise.all([false, true].map((may) => makeCallTool({ clock, events, redact, mayAct: () => may })(asked)));
    const words = '"mcp_safe_tools" of dm_whitelist in workspace_config.json may name it';
    expect(told[0]?.output).to.include(`Whoever runs Kept can allow it in promises: ${words}`);
    expect(told[1]?.output).not.to.include('mcp_safe_tools');
  });

  it('aborts a tool that takes longer than it may, and says so', async () => {
    const slow = buildTool({
      name: 'slow',
      timeoutMs: 5_000,
      run: (_, { signal }) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(new PortError('aborted', 'told to end', { retryable: false }))),
        ),
    });
    const { call, clock, events } = harness([slow]);
    const outcome = call('slow');
    clock.advance(4_999);
    expect(events.of('tool-called')).to.deep.equal([]);
    clock.advance(1);
    expect(await outcome).to.deep.equal({
      output: 'slow took longer than 5 s and was ended. It may have done a part of its work.',
      isError: true,
    });
    expect(events.of('tool-ignored-abort')).to.deep.equal([]);
    expect(clock.timers).to.equal(0);
  });

  it('goes on without a tool that ignores its abort signal, and reports it', async () => {
    const { call, clock, events } = harness([buildTool({ name: 'deaf', timeoutMs: 1_000, run: () => new Promise(() => undefined) })]);
    const outcome = call('deaf');
    clock.advance(1_000);
    clock.advance(5_000);
    expect((await outcome).isError).to.equal(true);
    expect(events.of('tool-ignored-abort')).to.deep.equal([{ type: 'tool-ignored-abort', tool: 'deaf', chatId: telegramChat(501) }]);
  });

  for (const [fault, isUnknown] of [
    [new Error('connection reset'), true],
    [new PortError('unavailable', 'connection reset', { retryable: true }), true],
    [new PortError('malformed-reply', 'no JSON', { retryable: false }), true],
    [new PortError('unauthorised', 'no such key', { retryable: false }), undefined],
    [new PortError('resting', 'it pauses', { retryable: true }), undefined],
  ] as const)
    it(`${isUnknown ? 'does not know' : 'knows'} what became of a tool that acts and fails with: ${'code' in fault ? fault.code : 'a crash'}`, async () => {
      const run = () => Promise.reject(fault);
      const of = (effect: Tool['effect']) => {
        const offered = [buildTool({ name: 'burn', effect, run })];
        const callTool = makeCallTool({ clock: makeFixedClock(), events: makeRecordingEvents(), redact, mayAct: () => true });
        return callTool({ name: 'burn', input: {}, offered, context: contextOf() });
      };
      const acted = await of('acts');
      expect([acted.isError, acted.isUnknown]).to.deep.equal([true, isUnknown]);
      expect(acted.output.endsWith('It may have done a part of its work.')).to.equal(isUnknown === true);
      expect(await of('reads')).to.deep.equal({ output: `burn failed: ${fault.message}`, isError: true });
    });

  it('rejects with could-not outside of a turn alone', async () => {
    const giveUp = buildTool({ name: 'stop', run: () => Promise.reject(new PortError('could-not', 'no file', { retryable: false })) });
    const { call } = harness([giveUp]);
    expect(await call('stop', inTurn())).to.deep.equal({ output: 'stop failed: no file', isError: true });
    expect(await call('stop').catch((error: unknown) => error)).to.include({ code: 'could-not', message: 'no file' });
  });

  it('rejects once the run is over, whatever the tool makes of it', async () => {
    const run = new AbortController();
    const { call } = harness([buildTool({ name: 'look', run: () => Promise.reject(new Error('interrupted')) })]);
    run.abort();
    expect(await call('look', contextOf({ signal: run.signal })).catch((error: Error) => error.message)).to.equal('interrupted');
  });

  it('emits one event for each call, with its duration', async () => {
    const { callTool, clock, events } = harness([]);
    const slow = buildTool({
      name: 'slow',
      run: async () => {
        clock.advance(300);
        return { output: `no ${SECRET}`, isError: true };
      },
    });
    await callTool({ name: 'slow', input: {}, offered: [slow], context: contextOf() });
    await callTool({ name: 'nothing', input: {}, offered: [], context: contextOf() });
    expect(events.of('tool-called')).to.deep.equal([
      { type: 'tool-called', tool: 'slow', chatId: telegramChat(501), isError: true, outcome: 'failed', durationMs: 300 },
      { type: 'tool-called', tool: 'nothing', chatId: telegramChat(501), isError: true, outcome: 'unknown-tool', durationMs: 0 },
    ]);
  });

  for (const [how, tool, context, outcome] of [
    ['works', { run: async () => ({ output: 'ok', isError: false }) }, contextOf(), 'done'],
    ['may not run here', { effect: 'acts' }, contextOf(), 'refused'],
    ['may not run in a turn', { effect: 'acts' }, inTurn(), 'refused'],
    ['could not', { run: () => Promise.reject(new PortError('could-not', 'no', { retryable: false })) }, contextOf(), 'failed'],
    ['is stopped with its run', { run: () => Promise.reject(new Error('cut')) }, contextOf({ signal: AbortSignal.abort() }), 'stopped'],
    [
      'is cut with its run, whose time is over',
      { run: () => Promise.reject(new Error('cut')) },
      contextOf({ signal: AbortSignal.abort(new DOMException('over', 'TimeoutError')) }),
      'timeout',
    ],
  ] as const)
    it(`tells of a call that ${how}: ${outcome}`, async () => {
      const { call, contents, events } = harness([buildTool({ name: 'look', ...tool })]);
      await call('look', { ...context, agent: 'tester', scope: { directory: '/srv', workspace: 'Tea' } }).catch(() => undefined);
      expect(events.of('tool-called').map((event) => [event.agent, event.workspace, event.outcome])).to.deep.equal([
        ['tester', 'Tea', outcome],
      ]);
      expect(contents.map((each) => [each.type, 'outcome' in each && each.outcome])).to.deep.equal([['tool-content', outcome]]);
    });

  it('says why it ended, without secrets, to whoever hears the content of calls', async () => {
    const giveUp = buildTool({ name: 'stop', run: () => Promise.reject(new PortError('could-not', `no ${SECRET}`, { retryable: false })) });
    const { call, contents } = harness([giveUp]);
    await call('stop', contextOf(), { where: 'here' }).catch(() => undefined);
    expect(contents).to.deep.equal([
      { type: 'tool-content', tool: 'stop', input: { where: 'here' }, output: 'no [redacted]', outcome: 'failed' },
    ]);
  });

  for (const [what, made, isError, outcome] of [
    ['became a promise and an approval', ['make-promise', 'ask-approval'], false, 'asked'],
    ['became a promise that nobody is asked about', ['make-promise'], false, 'promised'],
    ['waits for an approval already', [], false, 'asked'],
    ['could not be promised', [], true, 'refused'],
  ] as const)
    it(`tells of a call in a turn that ${what}: ${outcome}`, async () => {
      const guard: CallGuard = {
        promiseCall: async ({ context }) => {
          for (const type of made) context.draft?.decide({ type, promise: { id: 1 }, approval: { id: 1 } } as unknown as Decision);
          return { output: what, isError };
        },
        requireDecision: async () => ({ kind: 'refuse', reason: 'nobody is asked here' }),
        askedForMore: async () => ({ wasAsked: false, allowed: 0 }),
      };
      const { call, events } = harness([buildTool({ name: 'burn', effect: 'acts' })], guard);
      await call('burn', inTurn());
      expect(events.of('tool-called').map((event) => event.outcome)).to.deep.equal([outcome]);
    });

  it('tells of a call that took longer than it may', async () => {
    const { call, clock, events } = harness([buildTool({ name: 'deaf', timeoutMs: 1_000, run: () => new Promise(() => undefined) })]);
    const outcome = call('deaf');
    clock.advance(1_000);
    clock.advance(5_000);
    await outcome;
    expect(events.of('tool-called').map((event) => [event.outcome, event.durationMs])).to.deep.equal([['timeout', 6_000]]);
  });
});
