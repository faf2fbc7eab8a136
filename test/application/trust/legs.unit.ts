import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeStoredJournal } from '../../../src/application/agents/stored-journal.ts';
import { makeCallGuard, makeRunAgent } from '../../../src/application/index.ts';
import { ApprovalNeededError, type CallGuard } from '../../../src/application/tools/call-guard.ts';
import { makeCallTool } from '../../../src/application/tools/call-tool.ts';
import type { CallVerdict } from '../../../src/application/tools/call-verdict.ts';
import { makeJudgeCall } from '../../../src/application/tools/judge-call.ts';
import { approvalId, makeShown, makeTurnDraft, present, type RunStep, standingId } from '../../../src/domain/index.ts';
import {
  buildPolicy,
  buildPromise,
  buildRun,
  buildTool,
  makeFixedClock,
  makeRecordingEvents,
  makeScriptedModel,
  START,
  telegramMessage,
} from '../../../src/testing/index.ts';
import { modelAndTools } from '../../support/catalogs.ts';
import { testerContext, testerWith } from '../agents/tester.ts';
import { redact } from '../support/harness.ts';

const SCHEMA = { type: 'object', properties: { query: { type: 'string' } } };
const calling = (tool: string, input: unknown = {}) => ({ toolCalls: [{ id: 'c', tool, input }] });

/** A turn in which Ada asks for the price of copper, and the model makes these calls. */
const turn = (...calls: readonly ReturnType<typeof calling>[]) => goingOn([], calls);

/** The same, by a process that takes over these steps of another. */
const goingOn = async (before: readonly RunStep[], calls: readonly ReturnType<typeof calling>[]) => {
  const events = makeRecordingEvents();
  const sent: unknown[] = [];
  const tools = [
    buildTool({ name: 'query_notion', source: 'notion', readsPrivate: true }),
    buildTool({ name: 'recall', readsPrivate: true }),
    buildTool({
      name: 'search_web',
      source: 'web',
      sendsOut: true,
      inputSchema: SCHEMA,
      run: async (input) => {
        sent.push(input);
        return { output: 'pages', isError: false };
      },
    }),
  ];
  const model = makeScriptedModel([...calls, { text: 'Done.' }]);
  const judgeCall = makeJudgeCall(buildPolicy());
  const run = makeRunAgent({ ...modelAndTools(model, tools), events, clock: makeFixedClock(), redact, judgeCall });
  const stored = { ...buildRun('r'), steps: before, counted: 0 };
  const journal = makeStoredJournal(
    { journal: { append: async () => undefined }, clock: makeFixedClock(), events, writer: `after ${before.length}` },
    stored,
    present({ recorded: before.length > 0 ? stored : undefined }),
  );
  const { steps } = await run(
    testerWith(
      tools.map(({ name }) => name),
      20,
    ),
    {
      conversation: [{ role: 'person', name: 'Ada', text: 'What is the price of copper?', provenance: { labels: ['member'] } }],
      context: { ...testerContext(), draft: makeTurnDraft() },
      situation: '',
      journal,
    },
  );
  const last = steps.findLast((step) => step.role === 'tool');
  return { sent, told: last?.role === 'tool' ? last.output : '', removed: events.of('leg-removed'), steps: journal.steps() };
};

describe('A leg that people are asked about', () => {
  it('is told to be taken away once, and not again where the run goes on with the denial or the yes', async () => {
    const stores = makeMemoryStorage().stores;
    const clock = makeFixedClock();
    const events = makeRecordingEvents();
    const guard = makeCallGuard({ stores, clock, redact });
    const judge = () => ({ kind: 'ask' as const, reason: 'It would send something out.', leg: 'a way out' as const });
    const callTool = makeCallTool({ clock, events, redact, judge, guard });
    const promise = buildPromise();
    await stores.promises.add([promise]);
    const send = buildTool({ name: 'send', effect: 'acts' });
    const context = { ...testerContext(), chatId: promise.chatId, promise: { id: promise.id }, callKey: 'r-1-0' };
    const call = () => callTool({ name: 'send', input: { to: 'Bob' }, offered: [send], context });
    const needed: unknown = await call().catch((error: unknown) => error);
    if (!(needed instanceof ApprovalNeededError)) throw new Error('nobody was asked');
    expect(events.of('leg-removed')).to.have.length(1);
    await stores.approvals.add([{ ...needed.approval, token: 't', status: 'denied' }]);
    expect((await call()).output).to.match(/^send was not run: a person denied it/);
    await stores.approvals.update([needed.approval.id], (stored) => ({ ...stored, status: 'approved' }));
    expect((await call()).isError).to.equal(false);
    expect(events.of('leg-removed')).to.have.length(1);
  });

  it('is not told to be taken away in a turn where a standing approval lets it go out', async () => {
    const { stores } = makeMemoryStorage();
    const clock = makeFixedClock();
    const events = makeRecordingEvents();
    const judge = () => ({ kind: 'ask' as const, reason: 'It would send something out.', leg: 'a way out' as const });
    const callTool = makeCallTool({ clock, events, redact, judge, guard: makeCallGuard({ stores, clock, redact }) });
    const send = buildTool({ name: 'send', effect: 'acts' });
    const context = { ...testerContext(), messageId: telegramMessage(1) };
    const call = () => callTool({ name: 'send', input: {}, offered: [send], context: { ...context, draft: makeTurnDraft() } });
    expect((await call()).output).to.match(/^Approval #1 is asked/);
    const { chatId, scope } = context;
    const times = { givenAt: START, expiresAt: START + 1_000 };
    const given = { id: standingId(1), tool: 'send', directory: scope.directory, chatId, approvalId: approvalId(1), ...times };
    await stores.approvals.addStanding({ ...given, givenBy: 'operator' });
    expect((await call()).output).to.match(/^Promise #2 is made/);
    expect(events.of('leg-removed')).to.have.length(1);
  });
});

describe('What a call chooses freely', () => {
  const outOf = async (verdict: CallVerdict, how: 'approvalId' | 'standingId' | 'draft' | 'nobody') => {
    const shown = makeShown([]);
    const by = how === 'approvalId' ? { approvalId: approvalId(1) } : { standingId: standingId(1) };
    const guard: CallGuard = {
      promiseCall: async () => ({ output: 'promised', isError: false }),
      askedForMore: async () => ({ wasAsked: false, allowed: 0 }),
      requireDecision: async () => (how === 'nobody' ? { kind: 'refuse', reason: 'no.' } : { kind: 'run', by }),
    };
    const parts = { clock: makeFixedClock(), events: makeRecordingEvents(), redact, judge: () => verdict, guard };
    const context = { ...testerContext(), shown, ...present({ draft: how === 'draft' ? makeTurnDraft() : undefined }) };
    const call = () => makeCallTool(parts)({ name: 'send', input: {}, offered: [buildTool({ name: 'send', effect: 'acts' })], context });
    return { said: [await call(), await call()].map(({ isError }) => isError), chosen: shown.chosen() };
  };
  const ask = { kind: 'ask', reason: 'It acts.', choices: 4 } as const;

  it('is counted where it goes out without a person who has read it', async () => {
    expect((await outOf({ kind: 'run', choices: 2 }, 'nobody')).chosen).to.equal(6);
    expect((await outOf(ask, 'draft')).chosen).to.equal(5);
    expect(await outOf(ask, 'standingId')).to.deep.equal({ said: [false, true], chosen: 5 });
  });

  it('is not counted where a person has approved it, or it does not go out', async () => {
    expect(await outOf(ask, 'approvalId')).to.deep.equal({ said: [false, false], chosen: 0 });
    expect(await outOf(ask, 'nobody')).to.deep.equal({ said: [true, true], chosen: 0 });
  });
});

describe('The three legs in a turn', () => {
  it('never meet: what would send Notion’s words out is not run, the model is told how to go on, and an event says so', async () => {
    const { sent, told, removed } = await turn(calling('query_notion'), calling('search_web', { query: 'hunter2' }));
    expect(sent).to.deep.equal([]);
    expect(told).to.match(/^search_web was not run: this run was shown Notion, .*make a promise of it, so that a person can approve\.$/);
    expect(removed).to.deep.equal([
      {
        type: 'leg-removed',
        chatId: testerContext().chatId,
        tool: 'search_web',
        leg: 'a way out',
        until: 'never',
        labels: ['member', 'notion'],
      },
    ]);
  });

  it('leave a person’s own words a way out', async () => {
    const { sent, removed } = await turn(calling('query_notion'), calling('search_web', { query: 'copper price' }));
    expect(sent).to.deep.equal([{ query: 'copper price' }]);
    expect(removed).to.deep.equal([]);
  });

  it('leave a run no more of its choices where another process goes on with it', async () => {
    const search = (query: string) => calling('search_web', { query });
    const searches = ['copper price', 'price copper', 'the copper', 'the price', 'of copper', 'what copper', 'what price'].map(search);
    const whole = await turn(calling('query_notion'), ...searches);
    expect(whole.sent.length).to.be.within(2, 6);
    const first = await turn(calling('query_notion'), ...searches.slice(0, 2));
    // Its answer was not stored.
    const second = await goingOn(first.steps.slice(0, -1), searches.slice(2));
    expect([...first.sent, ...second.sent]).to.deep.equal(whole.sent);
  });

  it('are three: facts and the web meet a way out only once a page was read', async () => {
    const { sent, removed } = await turn(
      calling('recall'),
      calling('search_web', { query: 'anything at all' }),
      calling('search_web', { query: 'hunter2' }),
    );
    expect(sent).to.deep.equal([{ query: 'anything at all' }]);
    expect(removed.map(({ labels }) => labels)).to.deep.equal([['member', 'web']]);
  });
});
