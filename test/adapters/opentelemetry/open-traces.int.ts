import { expect } from 'chai';
import { openTraces } from '../../../src/adapters/opentelemetry/index.ts';
import { makeRedactor } from '../../../src/adapters/redaction/index.ts';
import { makeCorrelation, systemClock } from '../../../src/adapters/system/index.ts';
import { makeContent, makeEvents } from '../../../src/application/index.ts';
import { type KeptEvent, NO_USAGE } from '../../../src/domain/index.ts';
import type { Clock, WorkScope } from '../../../src/ports/index.ts';
import { telegramChat, telegramMessage } from '../../../src/testing/index.ts';
import { missingParents, openOtlpReceiver } from '../../fakes/otlp/index.ts';
import { openBlackHole } from '../../support/black-hole.ts';

const chatId = telegramChat(501);
/** A secret that JSON writes otherwise. */
const SECRET = 'a "secret"\nof two lines';
const TRACE = 'ab'.repeat(16);
const scope = (over: Partial<WorkScope> = {}): WorkScope => ({ name: 'turn', correlationId: TRACE, spanId: '12'.repeat(8), ...over });

const MODEL: KeptEvent = {
  type: 'model-responded',
  model: 'claude-x-20261101',
  reference: 'anthropic/claude-x',
  agent: 'baker',
  chatId,
  usage: { ...NO_USAGE, inputTokens: 7, cacheReadTokens: 100, outputTokens: 3 },
  stop: 'end',
  toolCalls: 0,
  durationMs: 25,
};

/** A clock whose timers run when they are told to. */
const handClock = () => {
  const due = new Set<() => void>();
  const clock: Clock = {
    ...systemClock,
    after: (_ms, action) => {
      due.add(action);
      return () => due.delete(action);
    },
  };
  return {
    clock,
    waiting: () => due.size,
    run: (): void => {
      for (const action of [...due]) {
        due.delete(action);
        action();
      }
    },
  };
};

describe('Traces over OTLP', () => {
  type Receiver = Awaited<ReturnType<typeof openOtlpReceiver>>;
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await openOtlpReceiver();
  });
  afterEach(() => receiver.close());

  const open = ({
    endpoint = receiver.url,
    clock = systemClock,
    hears = false,
  }: Partial<Record<'endpoint', string>> & { readonly clock?: Clock; readonly hears?: boolean } = {}) => {
    const correlation = makeCorrelation();
    const events = makeEvents();
    const content = makeContent();
    const told: (readonly [string, Readonly<Record<string, unknown>>])[] = [];
    const traces = openTraces({
      endpoint,
      headers: { 'x-api-key': 'the key of tests' },
      version: '9.9.9',
      resource: { 'kept.role': 'worker', 'deployment.environment.name': 'test' },
      correlation,
      on: events.on,
      ...(hears ? { content: { on: content.on, redact: makeRedactor([SECRET]) } } : {}),
      clock,
      notice: (notice, facts) => told.push([notice, facts]),
    });
    return { correlation, events, content, told, traces };
  };

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

  const tellContent = ({ content, correlation, events }: ReturnType<typeof open>, text: string): void =>
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
      content.tell(() => ({ type: 'tool-content', tool: 'say', input: { words: text, [text]: 1 }, output: text }));
      events.emit({ type: 'tool-called', tool: 'say', chatId, isError: false, outcome: 'done', durationMs: 1 });
      events.emit(MODEL);
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

  /** Work of `count` spans, and how long it took. */
  const work = ({ correlation, events }: ReturnType<typeof open>, count: number): number => {
    const begin = performance.now();
    for (let i = 0; i < count; i++) correlation.run(scope(), () => events.emit(MODEL));
    return performance.now() - begin;
  };

  it('go on after an endpoint was away, and tell of that once, and once that it is over', async () => {
    const hand = handClock();
    const opened = open({ clock: hand.clock });
    receiver.answerWith((_request, response) => void response.writeHead(503).end());
    for (let tries = 1; tries <= 3; tries++) {
      work(opened, 1);
      hand.run();
      await receiver.untilRequests(tries);
      while (hand.waiting() === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(opened.told.map(([notice]) => notice)).to.deep.equal(['traces-not-sent']);
    expect(opened.told[0]?.[1]).to.deep.equal({ host: new URL(receiver.url).host, reason: 'HTTP 503' });
    receiver.answerWith(undefined);
    hand.run();
    await receiver.untilSpans((spans) => spans.length === 6);
    await opened.traces.stop();
    expect(opened.told.map(([notice]) => notice)).to.deep.equal(['traces-not-sent', 'traces-sent-again']);
    expect(opened.told[1]?.[1]).to.include({ lost: 0 });
  });

  it('count spans that were rejected, and are asked for nothing that the answer says beside', async () => {
    const hand = handClock();
    const opened = open({ clock: hand.clock });
    // partial_success { rejected_spans: 300, error_message: "no" }
    receiver.answerWith((_request, response) => void response.end(Buffer.from([10, 7, 8, 0xac, 2, 18, 2, 110, 111])));
    work(opened, 1);
    await opened.traces.stop();
    expect(opened.told).to.deep.equal([['traces-not-sent', { host: new URL(receiver.url).host, reason: '300 spans were rejected' }]]);
  });

  const silent = async (): Promise<{ endpoint: string; close: () => void }> => {
    const hole = await openBlackHole(9);
    hole.swallow();
    return { endpoint: `http://127.0.0.1:${hole.port}`, close: hole.close };
  };
  const answering = (answer: Parameters<Receiver['answerWith']>[0]) => async (): Promise<{ endpoint: string; close: () => void }> => {
    receiver.answerWith(answer);
    return { endpoint: receiver.url, close: () => undefined };
  };
  const DRIP = (_request: unknown, response: import('node:http').ServerResponse): void => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('.'), 5);
    response.on('close', () => clearInterval(timer));
  };
  const FLOOD = (_request: unknown, response: import('node:http').ServerResponse): void => {
    response.writeHead(200);
    const chunk = Buffer.alloc(2 ** 16, 46);
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', more);
    more();
  };
  const PEERS = {
    'that is not there': async () => ({ endpoint: 'http://127.0.0.1:9', close: () => undefined }),
    'that never answers': silent,
    'that refuses': answering((_request, response) => void response.writeHead(401).end('no')),
    'that sends elsewhere': answering((_request, response) => void response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end()),
    'that breaks off': answering((request) => void request.socket.destroy()),
    'that answers one byte at a time': answering(DRIP),
    'that answers without end': answering(FLOOD),
    'that answers what is no answer': answering((_request, response) => void response.end(Buffer.alloc(3_000, 255))),
  };
  for (const [what, peer] of Object.entries(PEERS))
    it(`slow nothing down, and end in time, with an endpoint ${what}`, async () => {
      const { endpoint, close } = await peer();
      const opened = open({ endpoint });
      const ms = work(opened, 20_000);
      const begin = performance.now();
      await opened.traces.stop();
      close();
      expect(performance.now() - begin).to.be.below(3_000);
      // 40,000 spans: a synchronous burst, in which nothing waits.
      expect(ms).to.be.below(5_000);
      expect(opened.told.length).to.be.at.most(1);
    });

  it('keep so many spans and no more, and say how many were left out', async () => {
    const hand = handClock();
    const opened = open({ clock: hand.clock });
    receiver.answerWith((_request, response) => void response.writeHead(429, { 'retry-after': '60' }).end());
    work(opened, 10);
    hand.run();
    await receiver.untilRequests(1);
    while (hand.waiting() === 0) await new Promise((resolve) => setImmediate(resolve));
    work(opened, 5_000);
    receiver.answerWith(undefined);
    hand.run();
    await receiver.untilSpans((spans) => spans.length === 4_096);
    await opened.traces.stop();
    expect(opened.told.at(-1)).to.deep.equal(['traces-sent-again', { host: new URL(receiver.url).host, lost: 20 + 10_000 - 4_096 }]);
  });
});
