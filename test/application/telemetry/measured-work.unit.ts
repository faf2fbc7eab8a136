import { expect } from 'chai';
import { makeMeasuredRun } from '../../../src/application/agents/measured-run.ts';
import type { AgentRun } from '../../../src/application/index.ts';
import { timeIsOver } from '../../../src/application/loops/timers.ts';
import { measuredCommits } from '../../../src/application/telemetry/measured-commits.ts';
import { ApprovalNeededError } from '../../../src/application/tools/call-guard.ts';
import { reportedFailure } from '../../../src/application/tools/report-failure.ts';
import { DEFAULT_LOCAL_CHAT, NO_USAGE, promiseId } from '../../../src/domain/index.ts';
import { OutdatedRunError, PortError, type UnitOfWork } from '../../../src/ports/index.ts';
import {
  buildMessage,
  GROUP,
  makeFixedClock,
  makeRecordingEvents,
  makeScriptedModel,
  type ScriptedStep,
  telegramChat,
} from '../../../src/testing/index.ts';
import { HELLO, testerContext, testerWith } from '../agents/tester.ts';
import { advance, makeProcess, makeWorld, type ProcessOptions, settle, TURN } from '../support/harness.ts';

const away = new PortError('unavailable', 'nobody is there', { retryable: true });

/** A process that takes in one question, with what it tells afterwards. */
const ask = async (script: readonly ScriptedStep[], options: ProcessOptions = {}) => {
  const world = makeWorld();
  const process = makeProcess(world, { model: makeScriptedModel(script), ...options });
  process.start();
  await process.receive(buildMessage({ text: 'hello' }));
  await settle();
  return { world, process, of: process.recorded.of };
};

describe('What is measured where it happens', () => {
  it('tells of a turn: the run of its agent, its commit, and the send of its reply', async () => {
    const { of, process } = await ask([{ text: 'Hi.' }]);
    const chatId = telegramChat(501);
    expect(of('agent-run-ended')).to.deep.equal([
      { type: 'agent-run-ended', agent: 'telegram_chat_agent', chatId, outcome: 'done', durationMs: 0 },
    ]);
    expect(of('commit-ended')).to.deep.equal([{ type: 'commit-ended', what: 'turn', outcome: 'stored', durationMs: 0 }]);
    expect(of('gateway-called')).to.deep.equal([{ type: 'gateway-called', gateway: 'telegram', chatId, outcome: 'sent', durationMs: 0 }]);
    await process.worker.stop(0);
  });

  it('tells the workspace of a run where its chat belongs to one', async () => {
    const world = makeWorld();
    const process = makeProcess(world, { model: makeScriptedModel([{ text: 'Hi.' }]) });
    await process.receive(buildMessage({ chatId: GROUP, chatKind: 'group', addressedTo: 'us' }));
    await process.answerChat(GROUP, new AbortController().signal);
    expect(process.recorded.of('agent-run-ended').map(({ workspace }) => workspace)).to.deep.equal(['Railway']);
  });

  it('tells of a promise: the run of its agent and the commit of its end', async () => {
    const { of, process } = await ask(
      [{ toolCalls: [{ id: '1', tool: 'make_promise', input: { description: 'look' } }] }, { text: 'I promise #1.' }, { text: 'Found.' }],
      { executor: 'agent' },
    );
    await settle();
    expect(of('agent-run-ended').map(({ promiseId, outcome }) => [promiseId, outcome])).to.deep.equal([
      [undefined, 'done'],
      [promiseId(1), 'done'],
    ]);
    expect(of('commit-ended').map(({ what, outcome }) => [what, outcome])).to.deep.equal([
      ['turn', 'stored'],
      ['promises', 'stored'],
    ]);
    expect(of('promise-attempt-ended').map(({ taskType, agent }) => [taskType, agent])).to.deep.equal([['analysis', 'valor_agent']]);
    await process.worker.stop(0);
  });

  it('tells of an agent that reports that its task can not be done that it and its tool worked, and its promise failed', async () => {
    const report = { id: '2', tool: 'report_failure', input: { reason: 'notes.txt is not there' } };
    const { of, process } = await ask(
      [
        { toolCalls: [{ id: '1', tool: 'make_promise', input: { description: 'read notes.txt' } }] },
        { text: 'I promise #1.' },
        { toolCalls: [report] },
      ],
      { executor: 'agent' },
    );
    await settle();
    expect(of('agent-run-ended').map(({ outcome }) => outcome)).to.deep.equal(['done', 'done']);
    expect(of('tool-called').map(({ tool, outcome, isError }) => [tool, outcome, isError])).to.deep.equal([
      ['make_promise', 'done', false],
      ['report_failure', 'done', false],
    ]);
    expect(of('promise-attempt-ended').map(({ end, reason }) => [end, reason?.message])).to.deep.equal([
      ['fail', 'notes.txt is not there'],
    ]);
    await process.worker.stop(0);
  });

  it('tells of a run whose models fail, and with which code', async () => {
    const { of, process } = await ask([{ error: new PortError('unauthorised', 'no such key', { retryable: false }) }]);
    expect(of('agent-run-ended').map(({ outcome }) => outcome)).to.deep.equal(['failed']);
    await process.worker.stop(0);
  });

  it('tells of a run that takes longer than a reply may, and of how long it took', async () => {
    const { of, process, world } = await ask([{ hang: true }], { turn: { ...TURN, replyTimeoutMs: 5_000 } });
    await advance(world, 6_000, 1_000);
    expect(of('agent-run-ended').map(({ outcome, durationMs }) => [outcome, durationMs])).to.deep.equal([['timeout', 5_000]]);
    await process.worker.stop(0);
  });

  it('tells of each send that fails or is limited', async () => {
    const world = makeWorld();
    world.gateway.failNext(1, 'before');
    world.gateway.failNext(1, 'before', new PortError('rate-limited', 'flood', { retryable: true, retryAfterMs: 1_000 }));
    const process = makeProcess(world, { model: makeScriptedModel([{ text: 'Hi.' }]) });
    process.start();
    await process.receive(buildMessage({ text: 'hello' }));
    await advance(world, 10_000, 500);
    expect(process.recorded.of('gateway-called').map(({ outcome, code }) => [outcome, code])).to.deep.equal([
      ['failed', 'unavailable'],
      ['limited', undefined],
      ['sent', undefined],
    ]);
    await process.worker.stop(0);
  });
});

describe('Telling how a run of an agent ended', () => {
  const done: AgentRun = { text: 'Hi.', steps: [], usage: NO_USAGE, model: 'm', toolCalls: 0, journal: [] };
  const outcome = async (run: () => Promise<AgentRun>, signal?: AbortSignal) => {
    const clock = makeFixedClock();
    const events = makeRecordingEvents();
    const told = makeMeasuredRun({ runAgent: run, clock, events });
    await told(testerWith([]), { conversation: HELLO, context: testerContext(signal), situation: '' }).catch(() => undefined);
    return events.of('agent-run-ended').map((event) => event.outcome);
  };
  const approval = { id: 'a', call: { tool: 'burn' } } as unknown as ConstructorParameters<typeof ApprovalNeededError>[0];

  for (const [how, run, signal, expected] of [
    ['answers', async () => done, undefined, 'done'],
    ['ends without an answer of its model', async () => ({ ...done, unanswered: 'empty' as const }), undefined, 'failed'],
    ['waits for an approval', () => Promise.reject(new ApprovalNeededError(approval)), undefined, 'paused'],
    ['goes on elsewhere', () => Promise.reject(new OutdatedRunError('elsewhere')), undefined, 'stopped'],
    ['is stopped', () => Promise.reject(away), AbortSignal.abort(), 'stopped'],
    ['is cut by its time', () => Promise.reject(away), AbortSignal.abort(timeIsOver()), 'timeout'],
    ['fails at its model', () => Promise.reject(away), undefined, 'failed'],
    ['reports that its task can not be done', () => Promise.reject(reportedFailure('no', { retryable: false })), undefined, 'done'],
    ['reports that it may be done in a minute', () => Promise.reject(reportedFailure('no', { retryable: true })), undefined, 'failed'],
    ['came to nothing', () => Promise.reject(new PortError('could-not', 'no', { retryable: false })), undefined, 'failed'],
  ] as const)
    it(`tells that a run that ${how} is ${expected}`, async () => {
      expect(await outcome(run, signal)).to.deep.equal([expected]);
    });
});

describe('Telling of commits', () => {
  const outcomes = async (run: UnitOfWork['run']) => {
    const events = makeRecordingEvents();
    const { run: told } = measuredCommits({ run }, 'turn', { clock: makeFixedClock(), events });
    const result = await told(async () => DEFAULT_LOCAL_CHAT).catch((error: unknown) => error);
    return { result, told: events.of('commit-ended').map(({ outcome }) => outcome) };
  };

  it('passes on what a unit of work comes to, and tells that it is stored', async () => {
    expect(await outcomes((work) => work({} as never))).to.deep.equal({ result: DEFAULT_LOCAL_CHAT, told: ['stored'] });
  });

  it('tells that the storage refused it', async () => {
    expect(await outcomes(() => Promise.reject(away))).to.deep.equal({ result: away, told: ['failed'] });
  });

  it('tells nothing of a unit that its own work called off', async () => {
    const outdated = new Error('edited meanwhile');
    expect(await outcomes(() => Promise.reject(outdated))).to.deep.equal({ result: outdated, told: [] });
  });
});
