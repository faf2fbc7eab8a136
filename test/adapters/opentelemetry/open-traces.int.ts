import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { telegramMessage } from '../../../src/testing/index.ts';
import { missingParents, openOtlpReceiver } from '../../fakes/otlp/index.ts';
import { chatId, MODEL, openTracesTo, SECRET, scope, TRACE } from './opened-traces.ts';

describe('Traces over OTLP', () => {
  type Receiver = Awaited<ReturnType<typeof openOtlpReceiver>>;
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await openOtlpReceiver();
  });
  afterEach(() => receiver.close());

  const open = (options: Partial<Parameters<typeof openTracesTo>[0]> = {}) => openTracesTo({ endpoint: receiver.url, ...options });

  it('are spans of scopes and of events, each below the work that it happened in, with what is known of it', async () => {
    const { correlation, events, traces, told } = open();
    const link = { correlationId: 'cd'.repeat(16), spanId: '34'.repeat(8) };
    await correlation.run(scope({ links: [link] }), async () => {
      await correlation.run(scope({ name: 'agent', agent: 'baker', spanId: '56'.repeat(8), parentSpanId: scope().spanId }), async () => {
        events.emit({ type: 'model-retried', model: 'anthropic/claude-x', attempt: 1, waitMs: 1, reason: 'a reason of words' });
        events.emit(MODEL);
        events.emit({ type: 'tool-called', tool: 'read_file', chatId, isError: false, outcome: 'done', durationMs: 2.5 });
      });
      events.emit({ type: 'commit-ended', what: 'turn', outcome: 'stored', durationMs: 1 });
    });
    // It came of no message.
    events.emit(MODEL);
    await traces.stop();
    expect([receiver.problems(), told]).to.deep.equal([[], []]);
    const spans = receiver.spans();
    expect(spans.map(({ name }) => name)).to.deep.equal([
      'chat claude-x',
      'execute_tool read_file',
      'invoke_agent baker',
      'commit turn',
      'turn',
    ]);
    expect(missingParents(spans)).to.deep.equal([]);
    const [chat, tool, agent, , turn] = spans;
    expect([chat?.parentSpanId, tool?.parentSpanId, agent?.parentSpanId]).to.deep.equal([agent?.spanId, agent?.spanId, turn?.spanId]);
    expect(turn).to.deep.include({
      traceId: TRACE,
      parentSpanId: '',
      status: 0,
      links: [{ traceId: link.correlationId, spanId: link.spanId }],
    });
    expect(agent?.events).to.deep.equal(['model-retried']);
    expect(chat?.attributes).to.include({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': 'claude-x',
      'gen_ai.response.model': 'claude-x-20261101',
      'gen_ai.usage.input_tokens': 107,
      'gen_ai.usage.cache_read.input_tokens': 100,
      'gen_ai.usage.output_tokens': 3,
    });
    expect(Number((chat?.endedAt ?? 0n) - (chat?.startedAt ?? 0n))).to.be.within(24e6, 26e6);
    expect(chat?.resource).to.include({
      'service.name': 'kept',
      'service.version': '9.9.9',
      'kept.role': 'worker',
      'deployment.environment.name': 'test',
      'process.pid': process.pid,
    });
    expect(receiver.requests()[0]).to.include({ 'x-api-key': 'the key of tests' });
  });

  it('are sent whole or not at all where a part of them is asked for, and every process sends the same ones', async () => {
    const ids = Array.from({ length: 400 }, (_, n) => createHash('sha256').update(`trace ${n}`).digest('hex').slice(0, 32));
    const sentBy = async (): Promise<Map<string, number>> => {
      const { correlation, events, traces } = open({ sampled: 0.25 });
      const before = receiver.spans().length;
      for (const correlationId of ids) correlation.run(scope({ correlationId }), () => events.emit(MODEL));
      await traces.stop();
      const sent = new Map<string, number>();
      for (const { traceId } of receiver.spans().slice(before)) sent.set(traceId, (sent.get(traceId) ?? 0) + 1);
      return sent;
    };
    const sent = await sentBy();
    expect(sent.size).to.be.within(70, 130);
    expect(new Set(sent.values())).to.deep.equal(new Set([2]));
    expect(await sentBy()).to.deep.equal(sent);
  });

  it('say what failed, by its code, and nothing of its words; names that a model made up are not told', async () => {
    const { correlation, events, traces } = open();
    await correlation
      .run(scope(), async () => {
        events.emit({ type: 'model-failed', model: 'openai/gpt', code: 'unauthorised', reason: 'words', next: 'none', durationMs: 1 });
        events.emit({ type: 'tool-called', tool: 'made up', chatId, isError: true, outcome: 'unknown-tool', durationMs: 0 });
        throw new Error('words');
      })
      .catch(() => undefined);
    await traces.stop();
    expect(receiver.spans().map(({ name, status }) => [name, status])).to.deep.equal([
      ['chat gpt', 2],
      ['execute_tool unknown', 2],
      ['turn', 2],
    ]);
    expect(receiver.spans()[0]?.attributes).to.include({
      'error.type': 'unauthorised',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt',
    });
    expect(JSON.stringify(receiver.spans(), (_key, value) => (typeof value === 'bigint' ? String(value) : value))).not.to.match(
      /words|made up/,
    );
  });

  it('leave out messages of strangers and repeats, of which anybody can send any number', async () => {
    const { correlation, events, traces } = open();
    const about = { chatId, messageId: telegramMessage(1) };
    correlation.run(scope({ name: 'receive' }), () => events.emit({ type: 'message-repeated', ...about, isEdit: false }));
    correlation.run(scope({ name: 'receive' }), () =>
      events.emit({ type: 'message-received', ...about, rule: 'direct-message', path: 'x' }),
    );
    await traces.stop();
    expect(receiver.spans().map(({ name, attributes }) => [name, attributes['kept.verdict']])).to.deep.equal([
      ['receive message', 'to-answer'],
    ]);
  });

  const tellContent = ({ content, correlation, events }: ReturnType<typeof openTracesTo>, text: string): void =>
    correlation.run(scope(), () => {
      content.tell(() => ({
        type: 'model-content',
        agent: 'baker',
        instructions: `Bake. ${text}`,
        asked: [
          { role: 'person', name: 'ada', text: `hello ${text}` },
          { role: 'agent', text: '', toolCalls: [{ id: 'c1', tool: 'read_file', input: { path: text } }] },
          { role: 'tool', callId: 'c1', tool: 'read_file', output: text, isError: false },
        ],
        replied: { model: 'claude-x', text, toolCalls: [{ id: 'c2', tool: 'say', input: { words: text } }], stop: 'tool_calls' },
      }));
      events.emit(MODEL);
      content.tell(() => ({ type: 'tool-content', tool: 'say', input: { words: text, [text]: 1 }, output: text, outcome: 'done' }));
      events.emit({ type: 'tool-called', tool: 'say', chatId, isError: false, outcome: 'done', durationMs: 1 });
      events.emit(MODEL);
    });

  it('come through what no span can hold, and fail no work with it', async () => {
    const { correlation, events, traces, told } = open();
    correlation.run(scope(), () => events.emit({ ...MODEL, durationMs: Number.NaN } as typeof MODEL));
    const unknown = scope({ name: 'no such work' as never });
    expect(await correlation.run(unknown, async () => 'done')).to.equal('done');
    expect(correlation.run(unknown, () => 'done')).to.equal('done');
    await traces.stop();
    expect(receiver.spans().map(({ name }) => name)).to.deep.equal(['chat claude-x', 'turn']);
    expect(told.map(([notice]) => notice)).to.deep.equal(['traces-not-sent']);
  });

  it('hold what was said where they are told to, in the form of the conventions, redacted, and at no other call', async () => {
    const opened = open({ hears: true });
    tellContent(opened, `so: ${SECRET}`);
    await opened.traces.stop();
    expect(receiver.problems()).to.deep.equal([]);
    const [chat, tool, next] = receiver.spans();
    const of = (key: string): unknown => JSON.parse(String(chat?.attributes[key]));
    const GONE = 'so: [redacted]';
    expect(of('gen_ai.system_instructions')).to.deep.equal([{ type: 'text', content: `Bake. ${GONE}` }]);
    expect(of('gen_ai.input.messages')).to.deep.equal([
      { role: 'user', name: 'ada', parts: [{ type: 'text', content: `hello ${GONE}` }] },
      {
        role: 'assistant',
        parts: [
          { type: 'text', content: '' },
          { type: 'tool_call', id: 'c1', name: 'read_file', arguments: JSON.stringify({ path: GONE }) },
        ],
      },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: GONE }] },
    ]);
    expect(of('gen_ai.output.messages')).to.deep.equal([
      {
        role: 'assistant',
        parts: [
          { type: 'text', content: GONE },
          { type: 'tool_call', id: 'c2', name: 'say', arguments: JSON.stringify({ words: GONE }) },
        ],
        finish_reason: 'tool_calls',
      },
    ]);
    expect(tool?.attributes['gen_ai.tool.call.result']).to.equal(GONE);
    expect(String(tool?.attributes['gen_ai.tool.call.arguments'])).to.not.match(/secret/);
    expect(Object.keys(next?.attributes ?? {}).filter((key) => /messages|instructions|tool/.test(key))).to.deep.equal(['kept.tool_calls']);
  });

  it('hold what a request asked that no model answered, at the run that failed with it', async () => {
    const { content, correlation, events, traces } = open({ hears: true });
    const request = { type: 'model-content', agent: 'baker', instructions: 'Bake.' } as const;
    const asked = [{ role: 'person', name: 'ada', text: SECRET }] as const;
    correlation.run(scope({ name: 'agent', agent: 'baker' }), () => {
      events.emit({ type: 'model-failed', model: 'openai/gpt', code: 'unavailable', reason: 'down', next: 'none', durationMs: 5 });
      content.tell(() => ({ ...request, asked, replied: { failed: 'unavailable', reason: 'down' } }));
      events.emit({ type: 'tool-called', tool: 'say', chatId, isError: false, outcome: 'done', durationMs: 1 });
    });
    await traces.stop();
    expect(receiver.problems()).to.deep.equal([]);
    expect(receiver.spans().map(({ name, attributes }) => [name, attributes['gen_ai.input.messages']])).to.deep.equal([
      ['chat gpt', undefined],
      ['execute_tool say', undefined],
      ['invoke_agent baker', JSON.stringify([{ role: 'user', name: 'ada', parts: [{ type: 'text', content: '[redacted]' }] }])],
    ]);
  });

  it('hold nothing of it otherwise, and the beginning of what is long', async () => {
    const silent = open();
    tellContent(silent, 'words');
    await silent.traces.stop();
    expect(JSON.stringify(receiver.spans().map(({ attributes }) => attributes))).not.to.match(/words|hello|Bake/);
    const opened = open({ hears: true });
    tellContent(opened, 'x'.repeat(100_000));
    await opened.traces.stop();
    const long = receiver
      .spans()
      .slice(silent ? 4 : 0)
      .flatMap(({ attributes }) => Object.values(attributes).map((value) => String(value)));
    expect(Math.max(...long.map((value) => value.length))).to.be.within(4_096, 33_000);
    for (const value of long.filter((each) => each.startsWith('['))) expect(() => JSON.parse(value)).not.to.throw();
  });
});
