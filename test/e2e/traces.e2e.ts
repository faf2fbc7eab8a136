import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { logPath } from '../../src/main/data-dir.ts';
import { openMessagesPeer } from '../fakes/anthropic/peer.ts';
import type { Block } from '../fakes/anthropic/shape.ts';
import { missingParents, openOtlpReceiver, type ReceivedSpan } from '../fakes/otlp/index.ts';
import { chatApi, until } from '../support/chat-api.ts';
import { type KeptProcess, makeSite, type Site, startKept } from '../support/kept-process.ts';

const CHAT = 1;
const say = (text: string): Block => ({ type: 'text', text });
const use = (id: string, name: string, input: Record<string, unknown>): Block => ({ type: 'tool_use', id, name, input });
const KEY = `trace-key-${'z'.repeat(16)}`;
/** Words that no trace may hold, unless it is asked for what was said. */
const SAID = 'in the background, count the TODO comments in src/one.ts';

/** What the processes wrote to their log. */
const logOf = async ({ dataDir }: Site): Promise<readonly Record<string, unknown>[]> =>
  (await readFile(logPath(dataDir), 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const script = () =>
  openMessagesPeer([
    { content: [use('toolu_1', 'make_promise', { description: 'Count the TODO comments in src/one.ts' })] },
    { content: [say('Promise #1 is made.')] },
    { content: [use('toolu_2', 'read_file', { path: 'src/one.ts' })] },
    { content: [say('src/one.ts has one TODO comment: first.')] },
  ]);

describe('the trace of one message', function () {
  this.timeout(60_000);
  let receiver: Awaited<ReturnType<typeof openOtlpReceiver>>;
  let site: Site;
  const processes: KeptProcess[] = [];
  beforeEach(async () => {
    receiver = await openOtlpReceiver();
  });
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((each) => each.stop()));
    await receiver.close();
    await site.remove();
  });

  /** Lets a bot and a worker answer one message with a promise, and keep it. */
  const keepPromise = async (model: string, env: NodeJS.ProcessEnv): Promise<readonly KeptProcess[]> => {
    site = await makeSite({ ANTHROPIC_API_KEY: 'sk-test', ANTHROPIC_BASE_URL: model, ...env });
    processes.push(await startKept(site, 'bot'), await startKept(site, 'worker'));
    const api = chatApi(() => processes[0]?.url ?? '');
    await api.post(SAID, CHAT);
    await until('the result is told', async () => (await api.messages(CHAT)).find(({ text }) => text.includes('has one TODO comment')));
    return processes.splice(0);
  };

  it('is whole over two processes: update, turn, model, tools, commit, delivery, promise and the delivery of its outcome', async () => {
    await using peer = await script();
    const [bot, worker] = await keepPromise(peer.url, {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${KEY}`,
      OTEL_SERVICE_NAME: 'kept-of-tests',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,team=a%20b',
    });
    await Promise.all([bot?.stop(), worker?.stop()]);

    assert.deepEqual(receiver.problems(), []);
    const [received] = receiver
      .spans()
      .filter(({ name, attributes }) => name === 'receive message' && attributes['kept.chat_id'] === 'local:1');
    assert.ok(received);
    const trace = receiver.spans().filter(({ traceId }) => traceId === received.traceId);
    assert.deepEqual(missingParents(receiver.spans()), [], 'every parent of every trace is there');
    assert.equal(new Set(trace.map(({ spanId }) => spanId)).size, trace.length, 'each span came once');

    const byId = new Map(trace.map((span) => [span.spanId, span]));
    const roadOf = (span: ReceivedSpan | undefined): readonly string[] => (span ? [...roadOf(byId.get(span.parentSpanId)), span.name] : []);
    const roads = new Set(trace.map((span) => roadOf(span).join(' > ')));
    const TURN = 'receive message > turn';
    const RUN = `${TURN} > invoke_agent telegram_chat_agent`;
    const PROMISE = `${TURN} > promise`;
    const KEPT_RUN = `${PROMISE} > invoke_agent valor_agent`;
    const model = 'chat claude-sonnet-5-5';
    assert.deepEqual(
      [...roads].toSorted(),
      [
        'receive message',
        TURN,
        RUN,
        `${RUN} > ${model}`,
        `${RUN} > execute_tool make_promise`,
        `${TURN} > commit turn`,
        `${TURN} > deliver message`,
        `${TURN} > deliver message > send local`,
        PROMISE,
        KEPT_RUN,
        `${KEPT_RUN} > ${model}`,
        `${KEPT_RUN} > execute_tool read_file`,
        `${PROMISE} > commit promises`,
        `${PROMISE} > deliver message`,
        `${PROMISE} > deliver message > send local`,
      ].toSorted(),
    );
    const roles = (name: string) => trace.filter((span) => span.name === name).map(({ resource }) => resource['kept.role']);
    assert.deepEqual([roles('turn'), roles('promise'), new Set(roles('deliver message'))], [['bot'], ['worker'], new Set(['bot'])]);
    assert.ok(trace.every(({ resource }) => resource['service.name'] === 'kept-of-tests' && resource.team === 'a b'));
    assert.ok(receiver.requests().every((headers) => headers['x-api-key'] === KEY));

    const lines = await logOf(site);
    const pids = new Set(lines.filter((line) => line.trace === received.traceId).map(({ pid }) => pid));
    assert.deepEqual(pids, new Set([bot?.child.pid, worker?.child.pid]), 'lines of both processes have the id of the trace');
    assert.ok(lines.every((line) => line.area !== 'traces'));

    // What was said stays here, and no provider is told of a trace.
    const all = JSON.stringify(receiver.spans(), (_, value) => (typeof value === 'bigint' ? String(value) : value));
    assert.ok(!/TODO|background|Promise #1/.test(all), 'spans hold nothing that was said');
    assert.equal(peer.headers.length, 4);
    for (const headers of peer.headers)
      assert.deepEqual(
        Object.keys(headers).filter((name) => /^(traceparent|tracestate|baggage|b3|x-b3-.*|uber-trace-id)$/.test(name)),
        [],
      );
  });

  it('costs nobody anything where the endpoint never answers: answers come, it is told once, and both end in time', async () => {
    await using peer = await script();
    receiver.answerWith(() => undefined);
    const [bot, worker] = await keepPromise(peer.url, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const begin = performance.now();
    await Promise.all([bot?.stop(), worker?.stop()]);
    assert.ok(performance.now() - begin < 8_000, `they ended after ${Math.round(performance.now() - begin)} ms`);
    assert.deepEqual([bot?.child.exitCode, worker?.child.exitCode], [0, 0]);
    const told = (await logOf(site)).filter(({ area }) => area === 'traces');
    assert.deepEqual(
      told.map(({ level, pid }) => [level, pid]).toSorted(),
      [bot, worker].map((each) => ['warn', each?.child.pid]).toSorted(),
    );
  });
});
