import { expect } from 'chai';
import { systemReportView } from '../../../src/adapters/views/index.ts';
import { makeSystemReport } from '../../../src/application/health/system-report.ts';
import type { ProbeReading } from '../../../src/application/index.ts';
import type { CheckStatus, StatsRow } from '../../../src/domain/index.ts';

const AT = Date.UTC(2026, 10, 30, 12);

const reading = (id: string, status: CheckStatus, about: Partial<ProbeReading> = {}): ProbeReading => ({
  check: { id, status, message: `${id} says so` },
  depth: 'cheap',
  at: AT,
  durationMs: 12,
  ...about,
});

const MEASURED: StatsRow = {
  kind: 'agent',
  name: 'valor_agent',
  count: 4,
  failures: 1,
  sumMs: 80,
  avgMs: 20,
  minMs: 5,
  maxMs: 90,
  p50Ms: 10,
  p95Ms: 80,
  p99Ms: 90,
};

const viewOf = (readings: readonly ProbeReading[], lastDeep: readonly ProbeReading[] = [], performance = [MEASURED]) =>
  systemReportView(makeSystemReport({ readings, lastDeep, at: AT, performance }));

describe('the report of the system', () => {
  it('has the shape of the operations guide: agents, external services, and what was measured', () => {
    expect(
      viewOf([
        reading('storage.database', 'ok'),
        reading('agent.telegram_chat_agent', 'ok', { depth: 'deep', durationMs: 812, reply: 'I am Kept.' }),
        reading('agent.valor_agent', 'fail', { depth: 'deep', durationMs: 30_000 }),
        reading('model.openai', 'ok', { durationMs: 31 }),
        reading('service.perplexity', 'fail'),
      ]),
    ).to.deep.equal({
      timestamp: '2026-11-30T12:00:00.000Z',
      system_status: 'unhealthy',
      agents: [
        {
          agent_name: 'telegram_chat_agent',
          status: 'healthy',
          response_time_ms: 812,
          last_check: '2026-11-30T12:00:00.000Z',
          test_response: 'I am Kept.',
        },
        {
          agent_name: 'valor_agent',
          status: 'unhealthy',
          response_time_ms: 30_000,
          last_check: '2026-11-30T12:00:00.000Z',
          error: 'agent.valor_agent says so',
        },
      ],
      external_services: {
        storage: { status: 'available', latency_ms: 12 },
        openai: { status: 'available', latency_ms: 31 },
        perplexity: { status: 'unavailable', error: 'service.perplexity says so' },
      },
      performance_metrics: {
        valor_agent_execution_time: { avg_ms: 20, min_ms: 5, max_ms: 90, p50_ms: 10, p95_ms: 80, p99_ms: 90, count: 4 },
        valor_agent_success_rate: { success_rate: 0.75, total_requests: 4, successful_requests: 3 },
      },
    });
  });

  it('cuts a long answer at a hundred characters, and not through one', () => {
    const [agent] = viewOf([reading('agent.a', 'ok', { reply: `${'x'.repeat(99)}😀 and more` })]).agents;
    expect(agent?.test_response).to.equal(`${'x'.repeat(99)}...`);
    const [short] = viewOf([reading('agent.a', 'ok', { reply: 'y'.repeat(100) })]).agents;
    expect(short?.test_response).to.equal('y'.repeat(100));
  });

  it('tells an agent that is not asked now as it was when it was last asked', () => {
    const skipped = reading('agent.a', 'skipped', { depth: 'deep' });
    const earlier = reading('agent.a', 'ok', { depth: 'deep', at: AT - 60_000, reply: 'here' });
    expect(viewOf([skipped], [earlier]).agents).to.deep.equal([
      { agent_name: 'a', status: 'healthy', response_time_ms: 12, last_check: '2026-11-30T11:59:00.000Z', test_response: 'here' },
    ]);
    expect(viewOf([skipped]).agents).to.deep.equal([
      { agent_name: 'a', status: 'skipped', response_time_ms: null, last_check: null, error: 'agent.a says so' },
    ]);
  });

  it('tells the worst of what was found of one service, and the slowest where all is well', () => {
    const telegram = [
      reading('gateway.telegram', 'ok', { durationMs: 0 }),
      reading('gateway.telegram-round-trip', 'ok', { durationMs: 40 }),
    ];
    expect(viewOf(telegram).external_services).to.deep.equal({ telegram: { status: 'available', latency_ms: 40 } });
    expect(viewOf([...telegram, reading('gateway.telegram-rights', 'warn')]).external_services).to.deep.equal({
      telegram: { status: 'degraded', error: 'gateway.telegram-rights says so' },
    });
    expect(viewOf([reading('service.notion', 'skipped')]).external_services).to.deep.equal({
      notion: { status: 'skipped', error: 'service.notion says so' },
    });
  });

  it('tells Notion as a whole, and the database of each workspace', () => {
    const readings = [reading('service.notion.psy', 'ok'), reading('service.notion.team', 'warn')];
    expect(viewOf(readings).external_services).to.deep.equal({
      notion: { status: 'degraded', error: 'service.notion.team says so' },
      'notion.psy': { status: 'available', latency_ms: 12 },
      'notion.team': { status: 'degraded', error: 'service.notion.team says so' },
    });
  });

  it('has a name of its own for all that is measured, whatever agents are called', () => {
    const rows = [
      ['tool', 'x'],
      ['agent', 'tool_x'],
      ['agent', 'agent_tool_x'],
      ['agent', 'toolsmith'],
    ] as const;
    const names = Object.keys(
      viewOf(
        [],
        [],
        rows.map(([kind, name]) => ({ ...MEASURED, kind, name })),
      ).performance_metrics,
    );
    expect(names.filter((name) => name.endsWith('_success_rate'))).to.deep.equal([
      'tool_x_success_rate',
      'agent_tool_x_success_rate',
      'agent_agent_tool_x_success_rate',
      'toolsmith_success_rate',
    ]);
  });

  it('leaves out what is no service', () => {
    expect(
      viewOf([reading('queue.worker', 'warn'), reading('model.rests', 'warn'), reading('gateway.local', 'ok')]).external_services,
    ).to.deep.equal({});
  });
});
