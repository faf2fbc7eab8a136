import { expect } from 'chai';
import { makePromiseGate } from '../../../src/application/agents/promise-gate.ts';
import type { AgentRun, RunRequest } from '../../../src/application/agents/run-agent.ts';
import { makeVolatileJournal } from '../../../src/application/agents/run-journal.ts';
import { PROMISE_AGENT } from '../../../src/application/index.ts';
import type { RunStepOf } from '../../../src/domain/agent/run-step.ts';
import { makeTurnDraft } from '../../../src/domain/index.ts';
import { isSentBackNote } from '../../../src/domain/promise/gate.ts';
import type { Tool } from '../../../src/ports/index.ts';
import { buildTool, makeFixedClock } from '../../../src/testing/index.ts';
import { stage } from '../support/gate-harness.ts';

const SENT = 'I have sent the invoice to Ada.';
const NOT_DONE = 'I have not done this: no tool of mine did it.';
const ASKED =
  'Approval #4 is asked with this reply: a person has to approve exactly this call of mcp__mail__send_message. Promise #9 runs it then.';
const MADE = 'Promise #9 is made with this reply: it is exactly this call of mcp__mail__send_message, and runs when the reply is sent.';
const looking = (name: string, isError = false): Tool => buildTool({ name, run: async () => ({ output: 'three pages', isError }) });
const called = (tool: string) => ({ toolCalls: [{ id: 'c', tool, input: { query: 'x' } }] });

describe('Receipts for claims of deeds', () => {
  it('sends back an answer that claims a deed, once, and accepts one that says what is not done', async () => {
    const honest = 'I can not send it from here.';
    const { model, answer, outcome, gates } = await stage([{ text: `Sure. ${SENT}` }, { text: honest }]);
    await answer();
    const { text, gate, lines } = await outcome();
    expect({ text, gate }).to.deep.equal({ text: honest, gate: 'deeds-sent-back' });
    const note = model.requests[1]?.conversation.at(-1);
    expect(note).to.include({ role: 'person', note: true });
    expect(note?.role === 'person' && isSentBackNote(note.text) && note.text)
      .to.include(`“${SENT}” (no tool of yours has done it: send)`)
      .and.not.include('make_promise');
    const about = { chatId: 'telegram:501', agent: 'telegram_chat_agent' };
    expect(gates()).to.deep.equal([{ type: 'answer-sent-back', gate: 'sent-back', ...about, claims: [], deeds: [SENT] }]);
    expect(
      lines.some((line) => line.startsWith('Receipts: the answer claimed a deed that no tool did; the model was asked again')),
    ).to.equal(true);
  });

  it('replaces the claims of an answer that claims again, in the reply and in the conversation', async () => {
    const { answer, outcome, stores, gates } = await stage([{ text: SENT }, { text: `Fine. ${SENT} I'll get back to you.` }]);
    await answer();
    const { text, gate } = await outcome();
    expect({ text, gate }).to.deep.equal({
      text: `Fine. I have not started any background work for this. ${NOT_DONE}`,
      gate: 'deeds-rewritten',
    });
    expect((await stores.conversations.recent('telegram:501' as never, 1))[0]?.step).to.include({ text });
    expect(gates().map(({ type }) => type)).to.deep.equal(['answer-sent-back', 'answer-rewritten']);
  });

  for (const [what, tool, isError, expected] of [
    ['accepts a claim that a call of its kind stands behind', 'search_web', false, 'I searched the web: three pages.'],
    ['accepts no claim that a failed call stands behind', 'search_web', true, 'I have not looked this up.'],
    ['accepts no claim that a call of another kind stands behind', 'query_notion', false, 'I have not looked this up.'],
  ] as const)
    it(what, async () => {
      const text = 'I searched the web: three pages.';
      const { answer, outcome } = await stage([called(tool), { text }, { text }], { tools: [looking(tool, isError)] });
      await answer();
      expect((await outcome()).text).to.equal(expected);
    });

  const step = (fields: Partial<RunStepOf<'tool'>>): RunStepOf<'tool'> => ({
    kind: 'tool',
    at: 0,
    durationMs: 0,
    call: 0,
    tool: 'mcp__mail__send_message',
    effect: 'acts',
    input: { to: 'ada' },
    output: 'sent',
    isError: false,
    outcome: 'done',
    ...fields,
  });
  const gated = async (run: Partial<RunRequest>, steps: readonly RunStepOf<'tool'>[], inTurn = false) => {
    const events = { emit: () => undefined };
    const answer: AgentRun = {
      text: SENT,
      steps: [{ role: 'agent', text: SENT, toolCalls: [] }],
      model: 'm',
      toolCalls: 0,
      journal: steps,
      usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 },
    };
    const gate = makePromiseGate({ promises: { getMany: async () => [] }, clock: makeFixedClock(), events, runAgent: async () => answer });
    const context = { chatId: 'telegram:501', signal: new AbortController().signal, ...(inTurn ? { draft: makeTurnDraft() } : {}) };
    const { text } = await gate(PROMISE_AGENT, { conversation: [], situation: '', context, ...run } as unknown as RunRequest);
    return text;
  };

  it('accepts what tools did in the run of a promise', async () => expect(await gated({}, [step({})])).to.equal(SENT));

  for (const [what, fields, inTurn] of [
    ['was refused', { outcome: 'refused' }, false],
    ['failed', { isError: true }, false],
    ['was interrupted, so that its outcome is not known', { outcome: 'unknown', isError: true }, false],
    ['acts, while a message is answered: it is only asked for', {}, true],
    ['waits for an approval', { effect: 'decides', output: ASKED }, true],
    ['has become a promise', { effect: 'decides', output: MADE }, true],
    ['waits for an approval, whatever tool it is', { effect: 'decides', output: ASKED, tool: 'mcp__x__zzz' }, true],
    ['only reads, whatever its name says', { effect: 'reads' }, false],
  ] as const)
    it(`accepts no call that ${what}`, async () => expect(await gated({}, [step(fields)], inTurn)).to.equal(NOT_DONE));

  it('counts the steps of an earlier process, and what earlier runs of the same promise did', async () => {
    const journal = makeVolatileJournal();
    expect(await gated({ journal }, [])).to.equal(NOT_DONE);
    expect(await gated({ journal: { ...journal, steps: () => [step({})] } }, [])).to.equal(SENT);
    expect(await gated({ journal: { ...journal, earlierActs: [step({})] } }, [])).to.equal(SENT);
    expect(await gated({ journal: { ...journal, earlierActs: [step({ outcome: 'unknown' })] } }, [])).to.equal(NOT_DONE);
    expect(await gated({ journal: { ...journal, earlierActs: [step({ isError: true })] } }, [])).to.equal(NOT_DONE);
  });

  it('takes a call of an earlier turn that only asked for an approval for no deed', async () => {
    const conversation = (output: string): RunRequest['conversation'] => [
      { role: 'agent', text: '', toolCalls: [{ id: 'a', tool: 'mcp__mail__send_message', input: {} }] },
      { role: 'tool', callId: 'a', tool: 'mcp__mail__send_message', output, isError: false },
      { role: 'person', name: 'Ada', text: 'Have you sent the invoice?' },
    ];
    expect(await gated({ conversation: conversation('sent to Ada') }, [])).to.equal(SENT);
    expect(await gated({ conversation: conversation(ASKED) }, [])).to.equal(NOT_DONE);
  });
});
