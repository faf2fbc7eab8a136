import { expect } from 'chai';
import { createAnthropicClient, makeAnthropicModel } from '../../../src/adapters/anthropic/index.ts';
import { createOpenAiClient, makeOpenAiModel } from '../../../src/adapters/openai/index.ts';
import { makeRunAgent } from '../../../src/application/index.ts';
import { withFailover } from '../../../src/application/models/failover.ts';
import type { Agent, ConversationStep } from '../../../src/domain/index.ts';
import type { LanguageModel, Tool } from '../../../src/ports/index.ts';
import { makeFixedClock, makeRecordingLogger, makeScriptedModel, telegramChat, telegramUser } from '../../../src/testing/index.ts';
import { redact, SECRET } from '../../application/support/harness.ts';
import { openMessagesPeer, type PeerReply } from '../../fakes/anthropic/peer.ts';
import type { Block } from '../../fakes/anthropic/shape.ts';
import { openChatPeer } from '../../fakes/openai/peer.ts';
import { modelAndTools } from '../../support/catalogs.ts';
import { logged } from '../../support/logged.ts';
import { takingTurns } from '../../support/taking-turns.ts';

const look: Tool = {
  name: 'look',
  description: 'Looks.',
  inputSchema: { type: 'object' },
  effect: 'reads',
  activity: 'looking',
  timeoutMs: 30_000,
  run: async () => ({ output: `seen ${SECRET}`, isError: false }),
};
const agent: Agent = {
  name: 'tester',
  description: '',
  instructions: 'Be brief.',
  tools: ['look'],
  limits: { maxSteps: 4, maxOutputTokens: 200_000, effort: 'high' },
};
const thinking = (n: number): Block => ({ type: 'thinking', thinking: '', signature: `S${n}` });
const redacted: Block = { type: 'redacted_thinking', data: 'D' };
const say = (words: string): Block => ({ type: 'text', text: words });
const use = (id: string): Block => ({ type: 'tool_use', id, name: 'look', input: { path: SECRET } });
const blank = say('\n\n');

const hello: readonly ConversationStep[] = [{ role: 'person', name: 'Ada', text: 'hello' }];

const run = async (model: LanguageModel, conversation = hello) => {
  const context = {
    chatId: telegramChat(501),
    chatKind: 'direct' as const,
    requestedBy: { id: telegramUser(501) },
    scope: { directory: '/srv' },
    signal: new AbortController().signal,
  };
  const runAgent = makeRunAgent({
    ...modelAndTools(model, [look]),
    events: logged(makeRecordingLogger()),
    clock: makeFixedClock(),
    redact,
  });
  return await runAgent(agent, { conversation, context, situation: 'It is a chat.' });
};

const claude = (baseUrl: string): LanguageModel =>
  makeAnthropicModel({ client: createAnthropicClient({ apiKey: 'test', baseUrl }), model: 'claude-sonnet-5-5' });

describe('runs of an agent over the Messages API', () => {
  const steps: readonly PeerReply[] = [
    { content: [thinking(1), redacted, blank, say('I look. '), use('toolu_1'), thinking(2), use('toolu_2')] },
    { content: [use('toolu_3')] },
    { content: [thinking(4), use('toolu_4')] },
    { content: [thinking(5), say('Done.')] },
  ];

  it('return thoughts as they came, with nothing changed before them, to the last step', async () => {
    await using peer = await openMessagesPeer(steps);
    const { text, steps: kept } = await run(claude(peer.url));
    expect(peer.broken).to.deep.equal([]);
    expect(text).to.equal('Done.');
    const [, second, , last] = peer.requests;
    expect(second?.messages[1]?.content).to.deep.equal(steps[0]?.content.filter((block) => block !== blank));
    expect(peer.requests.map(({ tools, tool_choice: choice }) => [tools?.length, choice?.type])).to.deep.equal([
      [1, undefined],
      [1, undefined],
      [1, undefined],
      [1, 'none'],
    ]);
    expect(last).to.deep.include({ max_tokens: 128_000, output_config: { effort: 'high' } });
    expect(JSON.stringify(kept), 'what is kept has neither').not.to.match(new RegExp(`S1|${SECRET}`));
  });

  it('stay valid for both where another model takes a step in the middle', async () => {
    await using peer = await openMessagesPeer([steps[0], steps[2], steps[3]].flatMap((step) => step ?? []));
    const first = claude(peer.url);
    const second = makeScriptedModel([{ text: 'I, too.', toolCalls: [{ id: 'call_1', tool: 'look', input: {} }] }]);
    const model = takingTurns(first, second, first, first);
    expect((await run(model)).text).to.equal('Done.');
    expect(peer.broken).to.deep.equal([]);
    expect(second.requests).to.have.length(1);
  });

  it('stay valid for both over a failover to an OpenAI model in the middle, and one back', async () => {
    const delta = (part: object, finish_reason: string | null = null) => ({
      choices: [{ index: 0, delta: part, finish_reason }],
      model: 'gpt-test',
    });
    const call = { index: 0, id: 'call_abc', type: 'function', function: { name: 'look', arguments: '{"path":"b"}' } };
    await using peer = await openMessagesPeer([
      ...steps.slice(0, 1),
      { fails: 529, content: [] },
      ...steps.slice(2, 3),
      { content: [thinking(6), say('Done.')] },
    ]);
    const other = await openChatPeer((_, n) =>
      n === 1 ? [delta({ role: 'assistant', tool_calls: [call] }), delta({}, 'tool_calls')] : { refusal: 'no' },
    );
    try {
      const second = makeOpenAiModel({ client: createOpenAiClient({ apiKey: 'test', baseUrl: other.url }), model: 'gpt-test' });
      const clock = makeFixedClock();
      const { text, steps: kept } = await run(withFailover([claude(peer.url), second], { clock, events: logged(makeRecordingLogger()) }));
      expect(text).to.equal('Done.');
      expect([...peer.broken, ...other.broken]).to.deep.equal([]);
      expect(kept.flatMap((step) => (step.role === 'agent' ? [step.toolCalls.length] : []))).to.deep.equal([2, 1, 1, 0]);
      expect(JSON.stringify(other.requests[0])).not.to.match(/S1|thinking|attached/);
      const returned = peer.requests.at(-1)?.messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content));
      expect(returned?.flatMap((block) => (block.type === 'thinking' ? [block.signature] : []))).to.deep.equal(['S1', 'S2', 'S4']);
    } finally {
      await other.close();
    }
  });

  it('leave thoughts out of the next run, which has its own', async () => {
    await using peer = await openMessagesPeer([
      ...steps.slice(0, 1),
      ...steps.slice(3),
      { content: [thinking(6), use('toolu_6')] },
      { content: [say('And more.')] },
    ]);
    const model = claude(peer.url);
    const { steps: kept } = await run(model);
    expect((await run(model, [...hello, ...kept, { role: 'person', name: 'Ada', text: 'and?' }])).text).to.equal('And more.');
    expect(peer.broken).to.deep.equal([]);
    expect(JSON.stringify(peer.requests.at(-2))).not.to.include('thinking');
    expect(JSON.stringify(peer.requests.at(-1)))
      .to.include('S6')
      .and.not.to.include('S1');
  });

  it('go on where a model, a tool or a person writes half a character', async () => {
    await using peer = await openMessagesPeer([
      { content: [use('toolu_1'), { ...use('toolu_2'), input: { 'a\ud83d': ['\udc00'] } } as Block] },
      { content: [say('Done.')] },
    ]);
    expect((await run(claude(peer.url), [{ role: 'person', name: 'Ada', text: 'hello \ud83d' }])).text).to.equal('Done.');
    expect(peer.broken).to.deep.equal([]);
  });
});
