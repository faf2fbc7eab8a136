/** Long because every panel of the dashboard stands here, as data. */
import { writeWhenRun } from './reference.ts';

type Unit = 's' | 'short' | 'percentunit' | 'bytes' | 'ops' | 'bool_yes_no';
/** What is asked, and how its lines are named. */
type Query = readonly [expression: string, legend: string];

interface Panel {
  readonly title: string;
  /** One sentence for whoever looks. */
  readonly says: string;
  readonly unit: Unit;
  /** A number, or lines over time. */
  readonly as?: 'stat';
  /** From which value on it is bad, or below which where it is negative. */
  readonly red?: { readonly at: number; readonly below?: true };
  readonly queries: readonly Query[];
}

const KEPT = 'job=~"$job"';
const RATE = '$__rate_interval';

/** The share of the time below which the given part of durations lies. */
const quantile = (part: number, metric: string, by: readonly string[] = [], only = ''): string =>
  `histogram_quantile(${part}, sum by (${['le', ...by].join(', ')}) (rate(${metric}_bucket{${KEPT}${only}}[${RATE}])))`;
const rate = (metric: string, by: readonly string[], only = ''): string =>
  `sum by (${by.join(', ')}) (rate(${metric}{${KEPT}${only}}[${RATE}]))`;
/** What every process tells the same of. */
const stored = (metric: string, by: readonly string[] = []): string =>
  by.length === 0 ? `max(${metric}{${KEPT}})` : `max by (${by.join(', ')}) (${metric}{${KEPT}})`;

const ROWS: Readonly<Record<string, readonly Panel[]>> = {
  'How it is': [
    {
      title: 'Gateways',
      says: 'Whether people can be reached.',
      unit: 'bool_yes_no',
      as: 'stat',
      red: { at: 1, below: true },
      queries: [[stored('kept_gateway_up', ['gateway']), '{{gateway}}']],
    },
    {
      title: 'Workers',
      says: 'Processes that keep promises, on all machines.',
      unit: 'short',
      as: 'stat',
      red: { at: 1, below: true },
      queries: [[`sum(max by (role) (kept_processes{${KEPT},role=~"worker|start"}))`, 'workers']],
    },
    {
      title: 'Oldest due promise',
      says: 'How long it waits for a worker.',
      unit: 's',
      as: 'stat',
      red: { at: 300 },
      queries: [[stored('kept_promise_oldest_due_seconds'), 'waits']],
    },
    {
      title: 'Undelivered outcomes',
      says: 'Late by ten minutes, or given up.',
      unit: 'short',
      as: 'stat',
      red: { at: 1 },
      queries: [[stored('kept_promises_undelivered'), 'outcomes']],
    },
    {
      title: 'Alerts',
      says: 'Those of Kept itself that fire.',
      unit: 'short',
      as: 'stat',
      red: { at: 1 },
      queries: [[`sum(${stored('kept_alerts_firing', ['rule'])}) or vector(0)`, 'alerts']],
    },
    {
      title: 'Checks',
      says: 'Checks that failed, by what they look at.',
      unit: 'short',
      as: 'stat',
      red: { at: 1 },
      queries: [[`count(kept_check_up{${KEPT}} < 1) or vector(0)`, 'failed']],
    },
  ],
  'Messages and answers': [
    {
      title: 'Messages',
      says: 'Received, by what became of them at once.',
      unit: 'ops',
      queries: [[rate('kept_messages_received_total', ['gateway', 'verdict']), '{{gateway}} {{verdict}}']],
    },
    {
      title: 'Time to an answer',
      says: 'Turns of agents, from their beginning to their commit.',
      unit: 's',
      queries: [
        [quantile(0.5, 'kept_turn_duration_seconds'), 'p50'],
        [quantile(0.95, 'kept_turn_duration_seconds'), 'p95'],
        [`${rate('kept_turn_duration_seconds_sum', ['job'])} / ${rate('kept_turn_duration_seconds_count', ['job'])}`, 'average'],
      ],
    },
    {
      title: 'Turns',
      says: 'By their outcome.',
      unit: 'ops',
      queries: [[rate('kept_turns_total', ['agent', 'outcome']), '{{agent}} {{outcome}}']],
    },
    {
      title: 'Failed runs of agents',
      says: 'The share of runs that failed.',
      unit: 'percentunit',
      red: { at: 0.05 },
      queries: [
        [
          `${rate('kept_agent_run_duration_seconds_count', ['agent'], ',outcome=~"failed|timeout"')} / ${rate('kept_agent_run_duration_seconds_count', ['agent'], ',outcome=~"done|failed|timeout"')}`,
          '{{agent}}',
        ],
      ],
    },
  ],
  'Models and tools': [
    {
      title: 'Time of models',
      says: 'The 95th of 100 requests.',
      unit: 's',
      queries: [[quantile(0.95, 'kept_model_request_duration_seconds', ['model'], ',outcome="done"'), '{{model}}']],
    },
    {
      title: 'Failures of models',
      says: 'By the code of the error.',
      unit: 'ops',
      queries: [[rate('kept_model_failures_total', ['model', 'code']), '{{model}} {{code}}']],
    },
    {
      title: 'Tokens',
      says: 'Input holds those of caches.',
      unit: 'ops',
      queries: [[rate('kept_model_tokens_total', ['model', 'kind']), '{{model}} {{kind}}']],
    },
    {
      title: 'Time of tools',
      says: 'The 95th of 100 calls.',
      unit: 's',
      queries: [[quantile(0.95, 'kept_tool_duration_seconds', ['tool']), '{{tool}}']],
    },
    {
      title: 'Calls of tools',
      says: 'By their outcome.',
      unit: 'ops',
      queries: [[rate('kept_tool_duration_seconds_count', ['tool', 'outcome']), '{{tool}} {{outcome}}']],
    },
    {
      title: 'MCP servers',
      says: 'Whether processes are connected to them.',
      unit: 'bool_yes_no',
      queries: [[`min by (server) (kept_mcp_server_up{${KEPT}})`, '{{server}}']],
    },
  ],
  Promises: [
    {
      title: 'Promises',
      says: 'That wait, or are being kept.',
      unit: 'short',
      queries: [[`max by (status) (kept_promises{${KEPT},status=~"waiting|pending|in_progress"})`, '{{status}}']],
    },
    {
      title: 'Promises made',
      says: 'By their type.',
      unit: 'ops',
      queries: [[rate('kept_promises_made_total', ['task_type', 'by']), '{{task_type}} by a {{by}}']],
    },
    {
      title: 'Attempts',
      says: 'By how they ended.',
      unit: 'ops',
      queries: [[rate('kept_promise_attempt_duration_seconds_count', ['task_type', 'end']), '{{task_type}} {{end}}']],
    },
    {
      title: 'Time of attempts',
      says: 'The 95th of 100.',
      unit: 's',
      queries: [[quantile(0.95, 'kept_promise_attempt_duration_seconds', ['task_type']), '{{task_type}}']],
    },
  ],
  Delivery: [
    {
      title: 'Outbox',
      says: 'Messages that wait to be sent.',
      unit: 'short',
      queries: [[stored('kept_outbox_pending', ['gateway']), '{{gateway}}']],
    },
    {
      title: 'On their way',
      says: 'From when a message was stored to when its delivery was known: the 95th of 100.',
      unit: 's',
      queries: [[quantile(0.95, 'kept_delivery_duration_seconds', ['gateway']), '{{gateway}}']],
    },
    {
      title: 'Sends',
      says: 'By their outcome, and what was given up.',
      unit: 'ops',
      queries: [
        [rate('kept_gateway_send_duration_seconds_count', ['gateway', 'outcome']), '{{gateway}} {{outcome}}'],
        [rate('kept_deliveries_abandoned_total', ['gateway']), '{{gateway}} given up'],
      ],
    },
    {
      title: 'Webhooks',
      says: 'Events for the receiver that wait or were given up, and how its posts end.',
      unit: 'short',
      queries: [
        [stored('kept_webhook_events', ['status']), '{{status}}'],
        [rate('kept_webhook_posts_total', ['outcome']), 'posts a second: {{outcome}}'],
      ],
    },
    {
      title: 'Webhooks: oldest event',
      says: 'How long it waits for the receiver.',
      unit: 's',
      queries: [[stored('kept_webhook_oldest_seconds'), 'waits']],
    },
    {
      title: 'Flood wait',
      says: 'How much longer a platform wants no message.',
      unit: 's',
      red: { at: 60 },
      queries: [[stored('kept_flood_wait_seconds', ['gateway']), '{{gateway}}']],
    },
  ],
  'People and money': [
    {
      title: 'Approvals',
      says: 'By what became of them.',
      unit: 'ops',
      queries: [[rate('kept_approvals_total', ['status']), '{{status}}']],
    },
    {
      title: 'Budgets',
      says: 'The share that is spent or reserved.',
      unit: 'percentunit',
      red: { at: 0.9 },
      queries: [[stored('kept_budget_used_ratio', ['budget']), '{{budget}}']],
    },
    {
      title: 'Stopped by a budget',
      says: 'What was not begun.',
      unit: 'ops',
      queries: [[rate('kept_budget_stops_total', ['reason']), '{{reason}}']],
    },
  ],
  'Processes and storage': [
    {
      title: 'Processes',
      says: 'That give signs of life, and that began and broke off within 15 minutes.',
      unit: 'short',
      queries: [
        [stored('kept_processes', ['role']), '{{role}}'],
        [stored('kept_process_restarts', ['role', 'host']), '{{role}} on {{host}} restarted'],
      ],
    },
    {
      title: 'Who answers',
      says: '1 where the bot leads.',
      unit: 'short',
      queries: [[`kept_leader{${KEPT}}`, '{{instance}}']],
    },
    {
      title: 'Commits',
      says: 'The 95th of 100, and those that failed, a second.',
      unit: 's',
      queries: [
        [quantile(0.95, 'kept_commit_duration_seconds', ['what']), '{{what}}'],
        [rate('kept_commit_duration_seconds_count', ['what'], ',outcome="failed"'), '{{what}} failed'],
      ],
    },
    {
      title: 'Loops that fail',
      says: 'And go on.',
      unit: 'ops',
      queries: [[rate('kept_loop_failures_total', ['loop']), '{{loop}}']],
    },
    {
      title: 'Processor and event loop',
      says: 'The share of a processor that is used, and of the time in which the loop is busy.',
      unit: 'percentunit',
      queries: [
        [`rate(process_cpu_seconds_total{${KEPT}}[${RATE}])`, '{{instance}} processor'],
        [`rate(nodejs_eventloop_active_seconds_total{${KEPT}}[${RATE}])`, '{{instance}} loop'],
      ],
    },
    {
      title: 'Memory',
      says: 'Of the whole process, and of its heap.',
      unit: 'bytes',
      queries: [
        [`process_resident_memory_bytes{${KEPT}}`, '{{instance}}'],
        [`nodejs_heap_size_used_bytes{${KEPT}}`, '{{instance}} heap'],
      ],
    },
    {
      title: 'Disk',
      says: 'The share that is free.',
      unit: 'percentunit',
      red: { at: 0.05, below: true },
      queries: [[`kept_disk_free_bytes{${KEPT}} / kept_disk_size_bytes{${KEPT}}`, '{{instance}}']],
    },
    {
      title: 'Age of the newest backup',
      says: 'Absent where there is none.',
      unit: 's',
      red: { at: 93_600 },
      queries: [[`time() - ${stored('kept_backup_timestamp_seconds')}`, 'age']],
    },
    {
      title: 'HTTP',
      says: 'The 95th of 100 requests, by the class of the answer.',
      unit: 's',
      queries: [[quantile(0.95, 'kept_http_request_duration_seconds', ['status']), '{{status}}']],
    },
    {
      title: 'Versions',
      says: 'What runs, and whether its gauges can be read.',
      unit: 'short',
      queries: [
        [`count by (role, version) (kept_process_info{${KEPT}})`, '{{role}} {{version}}'],
        [`count by (source) (kept_metrics_source_up{${KEPT}} < 1)`, '{{source}} can not be read'],
      ],
    },
  ],
};

const WIDTH = 24;
const SOURCE = { type: 'prometheus', uid: '$datasource' };

const thresholds = ({ red }: Panel) => ({
  mode: 'absolute',
  steps: red?.below
    ? [
        { color: 'red', value: null },
        { color: 'green', value: red.at },
      ]
    : [{ color: 'green', value: null }, ...(red ? [{ color: 'red', value: red.at }] : [])],
});

const panelOf = (panel: Panel, id: number, gridPos: object) => ({
  id,
  type: panel.as ?? 'timeseries',
  title: panel.title,
  description: panel.says,
  datasource: SOURCE,
  gridPos,
  fieldConfig: {
    defaults: {
      unit: panel.unit,
      min: 0,
      thresholds: thresholds(panel),
      custom: panel.as ? {} : { fillOpacity: 10, showPoints: 'never', thresholdsStyle: { mode: panel.red ? 'line' : 'off' } },
    },
    overrides: [],
  },
  options: panel.as
    ? { colorMode: 'background', graphMode: 'none', reduceOptions: { calcs: ['lastNotNull'] } }
    : { legend: { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] }, tooltip: { mode: 'multi', sort: 'desc' } },
  targets: panel.queries.map(([expr, legendFormat], at) => ({
    refId: 'ABCDEFG'[at],
    expr,
    legendFormat,
    datasource: SOURCE,
    // Over a range, the last value of a process that is dead would stand there as if it were so now.
    ...(panel.as ? { instant: true, range: false } : {}),
  })),
});

/** Panels in rows: numbers beside each other, lines three in a row. */
const laidOut = (): readonly object[] => {
  const panels: object[] = [];
  let y = 0;
  for (const [title, row] of Object.entries(ROWS)) {
    panels.push({ id: panels.length + 1, type: 'row', title, collapsed: false, panels: [], gridPos: { x: 0, y: y++, w: WIDTH, h: 1 } });
    const stats = row.every(({ as }) => as === 'stat');
    const [across, h] = stats ? [row.length, 4] : [3, 8];
    const w = Math.floor(WIDTH / across);
    row.forEach((panel, at) => {
      panels.push(panelOf(panel, panels.length + 1, { x: (at % across) * w, y: y + Math.floor(at / across) * h, w, h }));
    });
    y += Math.ceil(row.length / across) * h;
  }
  return panels;
};

/** The dashboard of Kept, for Grafana 10 or newer. */
export const grafanaDashboard = (): string =>
  `${JSON.stringify(
    {
      uid: 'kept',
      title: 'Kept',
      description: 'How Kept is: people, models, promises, delivery, processes. Its metrics: docs/reference/metrics.md',
      tags: ['kept'],
      schemaVersion: 39,
      editable: true,
      graphTooltip: 1,
      refresh: '30s',
      time: { from: 'now-6h', to: 'now' },
      templating: {
        list: [
          { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' },
          {
            name: 'job',
            label: 'Installation',
            type: 'query',
            datasource: SOURCE,
            refresh: 2,
            sort: 1,
            definition: 'label_values(kept_process_info, job)',
            query: { query: 'label_values(kept_process_info, job)', refId: 'jobs' },
            includeAll: true,
            multi: true,
            allValue: '.+',
            current: { text: 'All', value: '$__all' },
          },
        ],
      },
      annotations: {
        list: [
          {
            name: 'Alerts',
            enable: true,
            iconColor: 'red',
            datasource: SOURCE,
            expr: 'max by (rule) (kept_alerts_firing{job=~"$job"}) > 0',
            titleFormat: '{{rule}}',
            step: '60s',
          },
        ],
      },
      panels: laidOut(),
    },
    null,
    2,
  )}\n`;

writeWhenRun(import.meta.url, 'deploy/grafana/kept.json', grafanaDashboard);
