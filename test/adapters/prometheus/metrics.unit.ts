// Long because each kind of metric has its rows here.
import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { MAX_LABEL_NAMES, METRIC_NAMES, METRICS } from '../../../src/adapters/prometheus/catalog.ts';
import { type GaugeSource, makeMetrics, storedGauges } from '../../../src/adapters/prometheus/index.ts';
import { builtInAlertRules, type KeptEvent, NO_USAGE } from '../../../src/domain/index.ts';
import { buildOutboxDraft, makeFixedClock, START, telegramChat, telegramMessage } from '../../../src/testing/index.ts';

/** A million in the long form. */
const NAMES = Number(process.env.KEPT_TEST_NAMES ?? 60_000);
const chatId = telegramChat(501);
const about = { chatId, messageId: telegramMessage(1) };

const open = (sources: readonly GaugeSource[] = [], redact = (text: string): string => text) => {
  const clock = makeFixedClock();
  const metrics = makeMetrics({ sources, clock, redact });
  const read = async (): Promise<readonly string[]> => (await metrics.read()).text.split('\n');
  return { clock, tell: (event: KeptEvent) => metrics.listen(event), read, metrics };
};

const called = (tool: string, outcome: 'done' | 'unknown-tool' = 'done'): KeptEvent => ({
  type: 'tool-called',
  tool,
  chatId,
  isError: false,
  outcome,
  durationMs: 20,
});

const committed = (agent: string, durationMs: number): KeptEvent => ({
  type: 'turn-committed',
  chatId,
  turnId: 't' as never,
  agent,
  outcome: 'answered',
  usage: NO_USAGE,
  toolCalls: 1,
  messages: 1,
  promises: [],
  schedules: [],
  durationMs,
});

const responded = (model: string): KeptEvent => ({
  type: 'model-responded',
  model: `as its maker names ${model}`,
  reference: model,
  agent: 'baker',
  chatId,
  stop: 'end',
  toolCalls: 0,
  durationMs: 1_500,
  usage: { inputTokens: 100, outputTokens: 7, cacheReadTokens: 40, cacheWriteTokens: 0 },
});

describe('Metrics of a process', () => {
  it('count nothing that is no number, and the others still count', async () => {
    const { tell, read } = open();
    tell({ ...responded('odd/one'), usage: { ...NO_USAGE, inputTokens: -5, outputTokens: Number.NaN } } as KeptEvent);
    tell(responded('even/one'));
    expect((await read()).filter((line) => line.startsWith('kept_model_tokens_total{') && !line.endsWith(' 0'))).to.deep.equal([
      'kept_model_tokens_total{model="even/one",kind="input"} 100',
      'kept_model_tokens_total{model="even/one",kind="output"} 7',
      'kept_model_tokens_total{model="even/one",kind="cache_read"} 40',
    ]);
  });

  it('are counted by events', async () => {
    const { tell, read } = open();
    tell({ type: 'message-received', ...about, rule: 'direct-message', path: 'x' });
    tell({ type: 'message-received', ...about, rule: 'direct-message', path: 'x', verdict: 'remembered' });
    tell({ type: 'message-denied', ...about, senderId: 'telegram:1' as never, rule: 'not-listed' as never, path: 'x', at: 'arrival' });
    tell({ type: 'message-denied', ...about, senderId: 'telegram:1' as never, rule: 'not-listed' as never, path: 'x', at: 'turn' });
    tell(responded('claude-x'));
    tell({ type: 'model-failed', model: 'claude-x', code: 'timeout', reason: '', next: 'none', durationMs: 30_000 });
    tell(called('read_file'));
    for (const [agent, durationMs] of [
      ['baker', 2_000],
      // Quick answers to commands do not hide how slow agents are.
      ['commands', 1],
    ] as const)
      tell(committed(agent, durationMs));
    const lines = await read();
    for (const line of [
      'kept_messages_received_total{gateway="telegram",verdict="waiting"} 1',
      'kept_messages_received_total{gateway="telegram",verdict="remembered"} 1',
      'kept_messages_received_total{gateway="telegram",verdict="denied"} 1',
      'kept_model_request_duration_seconds_sum{model="claude-x",outcome="done"} 1.5',
      'kept_model_request_duration_seconds_sum{model="claude-x",outcome="failed"} 30',
      'kept_model_tokens_total{model="claude-x",kind="input"} 100',
      'kept_model_tokens_total{model="claude-x",kind="cache_read"} 40',
      'kept_tool_duration_seconds_count{tool="read_file",outcome="done"} 1',
      'kept_tool_duration_seconds_bucket{le="0.05",tool="read_file",outcome="done"} 1',
      'kept_turn_duration_seconds_sum 2',
      'kept_turns_total{agent="baker",outcome="answered"} 1',
      'kept_turns_total{agent="commands",outcome="answered"} 1',
      'kept_turn_duration_seconds_count 1',
      'kept_turn_duration_seconds_bucket{le="1"} 0',
      'kept_turn_duration_seconds_bucket{le="2.5"} 1',
    ])
      expect(lines).to.include(line);
  });

  it('begin at 0 where every value of their labels is known beforehand, and are absent where nobody has said anything', async () => {
    const lines = await open().read();
    expect(lines).to.include('kept_budget_stops_total{reason="used up"} 0');
    expect(lines).to.include('kept_commit_duration_seconds_count{what="turn",outcome="failed"} 0');
    expect(lines.filter((line) => /^kept_(leader|promise_oldest_due_seconds|tool_duration_seconds|backup)/.test(line))).to.deep.equal([]);
  });

  it('stay bounded whatever any number of tools, models and chats are called', async function () {
    this.timeout(60_000);
    const { tell, metrics } = open();
    const hostile = ['a"b', 'a\nb 1', 'a\\', '} 1\nevil_total 1', '', '\u0000', '🦊'.repeat(5_000), '__proto__', 'constructor'];
    for (const name of hostile) for (const event of [called(name), responded(name)]) tell(event);
    for (let i = 0; i < NAMES / 3; i++) {
      tell(called(`tool ${i}`));
      tell(responded(`model ${i}`));
      const someChat = `telegram:${i}:${i}` as typeof chatId;
      tell({ type: 'message-received', chatId: someChat, messageId: about.messageId, rule: 'direct-message', path: 'x' });
    }
    const { text } = await metrics.read();
    const tools = new Set([...text.matchAll(/^kept_tool_duration_seconds_count\{tool="((?:[^"\\]|\\.)*)"/gm)].map(([, tool]) => tool));
    // Some of the names are nothing but blanks.
    expect(tools.size).to.be.within(MAX_LABEL_NAMES - 2, MAX_LABEL_NAMES + 1);
    expect(tools).to.include('(other)');
    expect(text).to.include(`kept_messages_received_total{gateway="telegram",verdict="waiting"} ${Math.ceil(NAMES / 3)}\n`);
    expect(text).not.to.match(/^evil_total/m);
    expect(text.length).to.be.lessThan(1_500_000);
    for (const line of text.split('\n')) expect(line).to.match(/^$|^# (HELP|TYPE) [a-z_]+ .+$|^[a-z_]+(\{.+\})? [\d.e+-]+$/);
  });

  it('count right behind the names that they remember, and those too long to be remembered', async () => {
    const { tell, read } = open();
    const calls = 1_100;
    const long = ['1', '2'].map((end) => `${'x'.repeat(120)}${end}`);
    for (const _ of [1, 2]) {
      for (const name of long) tell(called(name));
      for (let at = 0; at < calls; at++) tell(called(`tool ${at}`));
    }
    const counts = new Map(
      (await read()).flatMap((line) => {
        const [, tool, count] = /^kept_tool_duration_seconds_count\{tool="(.*)",outcome="done"\} (\d+)$/.exec(line) ?? [];
        return tool === undefined ? [] : [[tool, Number(count)] as const];
      }),
    );
    const named = MAX_LABEL_NAMES - long.length;
    expect([counts.get('tool 0'), counts.get(`tool ${named - 1}`), counts.get(`tool ${named}`)]).to.deep.equal([2, 2, undefined]);
    expect(counts.get('(other)')).to.equal(2 * (calls - named));
    // Both have one beginning, by which they are shown.
    expect([...counts].filter(([tool]) => tool.startsWith('xxx')).map(([, count]) => count)).to.deep.equal([2 * long.length]);
  });

  it('know a tool that a model made up as (unknown)', async () => {
    const { tell, read } = open();
    tell(called('sk-live-this-is-a-secret', 'unknown-tool'));
    const lines = await read();
    expect(lines).to.include('kept_tool_duration_seconds_count{tool="(unknown)",outcome="unknown-tool"} 1');
    expect(lines.join('\n')).not.to.include('secret');
  });

  it('hold no secret that stands in a name, also where the name is cut', async () => {
    const { tell, read } = open([], (text) => text.replaceAll('hunter2-hunter2', '***'));
    tell(called('say_hunter2-hunter2'));
    tell(called(`${'x'.repeat(92)}hunter2-hunter2`));
    const text = (await read()).join('\n');
    expect(text).not.to.include('hunter');
    expect(text).to.include('tool="say_***"');
  });

  it('have a name, a unit and a sentence as Prometheus wants them', () => {
    for (const name of METRIC_NAMES) {
      const { type, help, labels } = METRICS[name] as (typeof METRICS)[typeof name] & { readonly help: string };
      expect(name).to.match(/^kept_[a-z_]+$/);
      expect(help, name).to.match(/^[A-Z].*\.$/);
      if (type === 'counter') expect(name).to.match(/_total$/);
      else expect(name).not.to.match(/_total$/);
      if (type === 'histogram') expect(name).to.match(/_seconds$/);
      for (const label of Object.keys(labels)) expect(label).to.match(/^[a-z_]+$/);
    }
  });
});

describe('Gauges', () => {
  const leader = (read: GaugeSource['read']): GaugeSource => ({ name: 'process', gauges: ['kept_leader'], read });
  const sample = (value: number) => [{ name: 'kept_leader' as const, labels: {}, value }];
  const ofLeader = (lines: readonly string[]) => lines.filter((line) => /^kept_(leader|metrics_source_up\{.*process)/.test(line));

  it('are read when somebody asks, and then count for ten seconds', async () => {
    let reads = 0;
    const { clock, read } = open([leader(async () => sample(++reads))]);
    expect(reads).to.equal(0);
    expect(ofLeader(await read())).to.deep.equal(['kept_leader 1', 'kept_metrics_source_up{source="process"} 1']);
    clock.advance(9_999);
    await read();
    expect(reads).to.equal(1);
    clock.advance(1);
    expect(ofLeader(await read())[0]).to.equal('kept_leader 2');
  });

  it('are absent where their source fails, and the rest is told', async () => {
    let fails = true;
    const { tell, read } = open([leader(async () => (fails ? Promise.reject(new Error('no')) : sample(1)))]);
    tell(called('read_file'));
    const lines = await read();
    expect(ofLeader(lines)).to.deep.equal(['kept_metrics_source_up{source="process"} 0']);
    expect(lines).to.include('kept_tool_duration_seconds_count{tool="read_file",outcome="done"} 1');
    // What failed is tried again at once.
    fails = false;
    expect(ofLeader(await read())[0]).to.equal('kept_leader 1');
  });

  it('are absent after two seconds where their source hangs, and however many ask, it is asked once in a minute', async () => {
    let asked = 0;
    const { clock, read } = open([
      leader(() => {
        asked++;
        return new Promise(() => undefined);
      }),
    ]);
    for (let scrapes = 0; scrapes < 3; scrapes++) {
      const reading = Promise.all([read(), read()]);
      clock.advance(2_000);
      for (const lines of await reading) expect(ofLeader(lines)).to.deep.equal(['kept_metrics_source_up{source="process"} 0']);
    }
    expect(asked).to.equal(1);
    clock.advance(60_000);
    const reading = read();
    clock.advance(2_000);
    await reading;
    expect(asked).to.equal(2);
  });

  it('show what a source says that was only late, the next time', async () => {
    const answer = Promise.withResolvers<ReturnType<typeof sample>>();
    const { clock, read } = open([leader(() => answer.promise)]);
    const reading = read();
    clock.advance(2_000);
    expect(ofLeader(await reading)).to.deep.equal(['kept_metrics_source_up{source="process"} 0']);
    answer.resolve(sample(1));
    await answer.promise;
    expect(ofLeader(await read())).to.deep.equal(['kept_leader 1', 'kept_metrics_source_up{source="process"} 1']);
  });

  it('forget what is no more', async () => {
    const found = [[{ name: 'kept_gateway_up' as const, labels: { gateway: 'telegram' }, value: 1 }], []];
    const { clock, read } = open([{ name: 'checks', gauges: ['kept_gateway_up'], read: async () => found.shift() ?? [] }]);
    expect(await read()).to.include('kept_gateway_up{gateway="telegram"} 1');
    clock.advance(10_000);
    expect((await read()).filter((line) => line.startsWith('kept_gateway_up'))).to.deep.equal([]);
  });

  const upOf = (check: number | string, value: number) => ({ name: 'kept_check_up' as const, labels: { check: String(check) }, value });
  const tooMany = Array.from({ length: MAX_LABEL_NAMES + 20 }, (_, at) => at);

  it('show the worst of what has no name of its own', async () => {
    const restarts = (at: number) => ({
      name: 'kept_process_restarts' as const,
      labels: { role: 'worker', host: `box ${at}` },
      value: at % 110,
    });
    const { read } = open([
      { name: 'checks', gauges: ['kept_check_up'], read: async () => tooMany.map((at) => upOf(at, at === 110 ? 0 : 1)) },
      { name: 'processes', gauges: ['kept_process_restarts'], read: async () => tooMany.map(restarts) },
    ]);
    const others = (await read()).filter((line) => line.includes('(other)'));
    expect(others).to.deep.equal(['kept_check_up{check="(other)"} 0', 'kept_process_restarts{role="worker",host="(other)"} 109']);
  });

  it('show the worse of two that stand as the same', async () => {
    const secrets = ['budget.hunter2', 'budget.hunter3'];
    const { read } = open(
      [{ name: 'checks', gauges: ['kept_check_up'], read: async () => secrets.map((check, at) => upOf(check, at)) }],
      (text) => text.replace(/hunter\d/, '***'),
    );
    expect(await read()).to.include('kept_check_up{check="budget.***"} 0');
  });

  it('that are filled anew have room for other names each time', async () => {
    let fills = 0;
    const budgets = () => tooMany.slice(0, 60).map((at) => `budget ${fills}.${at}`);
    const { clock, read } = open([
      {
        name: 'budgets',
        gauges: ['kept_budget_used_ratio'],
        read: async () => {
          fills++;
          return budgets().map((budget) => ({ name: 'kept_budget_used_ratio', labels: { budget }, value: 0.5 }));
        },
      },
    ]);
    for (let at = 0; at < 3; at++) {
      const lines = (await read()).filter((line) => line.startsWith('kept_budget_used_ratio'));
      expect(lines).to.deep.equal(budgets().map((budget) => `kept_budget_used_ratio{budget="${budget}"} 0.5`));
      clock.advance(10_000);
    }
  });

  it('of the store tell what waits, by status and gateway', async () => {
    const storage = makeMemoryStorage();
    const clock = makeFixedClock(START + 5_000);
    await storage.stores.outbox.add(buildOutboxDraft({ chatId, dedupeKey: 'a' }));
    const metrics = makeMetrics({
      sources: storedGauges({ storage, clock, gateways: ['local', 'telegram'], rules: builtInAlertRules() }),
      clock,
      redact: (text) => text,
    });
    const lines = (await metrics.read()).text.split('\n');
    for (const line of [
      'kept_outbox_pending{gateway="local"} 0',
      'kept_outbox_pending{gateway="telegram"} 1',
      'kept_promises{status="pending"} 0',
      'kept_promise_oldest_due_seconds 0',
      'kept_promises_undelivered 0',
    ])
      expect(lines).to.include(line);
  });
});
