/** Long because it is one table: an entry for each metric. */
import { ALERT_RULE_IDS, PROMISE_STATUSES, TASK_TYPES, WEBHOOK_STATUSES } from '../../domain/index.ts';

/** `names`: any text. The others stand here one by one. */
export type LabelValues = 'names' | readonly string[];

export interface MetricSpec {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** One sentence, for whoever reads the metric. */
  readonly help: string;
  readonly labels: Readonly<Record<string, LabelValues>>;
  /** Upper bounds, in seconds. Present in histograms. */
  readonly buckets?: readonly number[];
  /**
   * How to combine the values of several processes: counters and histograms by their sum; `max`: each of them shows
   * what the whole storage holds, or the best of them counts; `min`: the worst counts; `none`: each stands for itself.
   */
  readonly aggregate: 'sum' | 'max' | 'min' | 'none';
}

/** How many names a label shows; all others become `OTHER_NAMES`. */
export const MAX_LABEL_NAMES = 100;

const QUICK = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const CALL = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
/** Few, as there may be many tools, each with its outcomes. */
const TOOL = [0.05, 0.25, 1, 5, 15, 60, 300];
const ANSWER = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600];
const WORK = [1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600];

const TOOL_OUTCOMES = ['done', 'failed', 'timeout', 'refused', 'asked', 'promised', 'stopped', 'unknown-tool'] as const;
const RUN_OUTCOMES = ['done', 'failed', 'timeout', 'stopped', 'paused'] as const;

/** Every metric of Kept. `docs/reference/metrics.md` is this table. */
export const METRICS = {
  // Messages and answers.
  kept_messages_received_total: {
    type: 'counter',
    help: 'Messages that were received, by what became of them at once; those that ask for an answer wait.',
    labels: { gateway: 'names', verdict: ['waiting', 'ignored', 'remembered', 'denied'] },
    aggregate: 'sum',
  },
  kept_turn_duration_seconds: {
    type: 'histogram',
    help: 'How long turns of agents took, from their beginning to their commit; what Kept itself answers, such as commands, is left out.',
    labels: {},
    buckets: ANSWER,
    aggregate: 'sum',
  },
  kept_turns_total: {
    type: 'counter',
    help: 'Turns, by the agent that answered and their outcome; the agent `commands` stands for the answers of Kept itself.',
    labels: { agent: 'names', outcome: ['answered', 'failed', 'promised', 'stopped'] },
    aggregate: 'sum',
  },
  kept_agent_run_duration_seconds: {
    type: 'histogram',
    help: 'How long runs of agents took, in turns and in promises.',
    labels: { agent: 'names', outcome: RUN_OUTCOMES },
    buckets: ANSWER,
    aggregate: 'sum',
  },
  // Models and tools.
  kept_model_request_duration_seconds: {
    type: 'histogram',
    help: 'How long requests to models took.',
    labels: { model: 'names', outcome: ['done', 'failed'] },
    buckets: ANSWER,
    aggregate: 'sum',
  },
  kept_model_tokens_total: {
    type: 'counter',
    help: 'Tokens that models counted. Input holds those of caches.',
    labels: { model: 'names', kind: ['input', 'output', 'cache_read', 'cache_write'] },
    aggregate: 'sum',
  },
  kept_model_failures_total: {
    type: 'counter',
    help: 'Requests to models that failed, by the code of the error.',
    labels: { model: 'names', code: 'names' },
    aggregate: 'sum',
  },
  kept_tool_duration_seconds: {
    type: 'histogram',
    help: 'How long calls of tools took.',
    labels: { tool: 'names', outcome: TOOL_OUTCOMES },
    buckets: TOOL,
    aggregate: 'sum',
  },
  kept_mcp_server_up: {
    type: 'gauge',
    help: 'Whether this process is connected to an MCP server; absent where it keeps none, as while it stands by.',
    labels: { server: 'names' },
    aggregate: 'min',
  },
  // Promises.
  kept_promises: {
    type: 'gauge',
    help: 'Promises in the store, by their status.',
    labels: { status: PROMISE_STATUSES },
    aggregate: 'max',
  },
  kept_promise_oldest_due_seconds: {
    type: 'gauge',
    help: 'How long the oldest due promise waits for a worker; 0 where none waits.',
    labels: {},
    aggregate: 'max',
  },
  kept_promises_made_total: {
    type: 'counter',
    help: 'Promises that were made.',
    labels: { task_type: TASK_TYPES, by: ['turn', 'program', 'schedule'] },
    aggregate: 'sum',
  },
  kept_promise_attempt_duration_seconds: {
    type: 'histogram',
    help: 'How long attempts at promises took.',
    labels: { task_type: TASK_TYPES, end: ['complete', 'fail', 'hand-back', 'await-approval'] },
    buckets: WORK,
    aggregate: 'sum',
  },
  kept_promises_undelivered: {
    type: 'gauge',
    help: 'Promises whose outcome has waited for its chat for the window of the rule queue.undelivered (10 minutes), or was given up within a day; 1000 at the most.',
    labels: {},
    aggregate: 'max',
  },
  // Sending.
  kept_outbox_pending: {
    type: 'gauge',
    help: 'Messages that wait to be sent.',
    labels: { gateway: 'names' },
    aggregate: 'max',
  },
  kept_webhook_events: {
    type: 'gauge',
    help: 'Events for the receiver of webhooks: those that wait, and those that it has taken or that were given up within a week.',
    labels: { status: WEBHOOK_STATUSES },
    aggregate: 'max',
  },
  kept_webhook_oldest_seconds: {
    type: 'gauge',
    help: 'How long the oldest event waits for the receiver of webhooks; 0 where none waits.',
    labels: {},
    aggregate: 'max',
  },
  kept_webhook_posts_total: {
    type: 'counter',
    help: 'Posts to the receiver of webhooks, by what came of them; `abandoned` counts events that were given up.',
    labels: { outcome: ['delivered', 'retried', 'abandoned'] },
    aggregate: 'sum',
  },
  kept_gateway_up: {
    type: 'gauge',
    help: 'Whether a gateway is well, in the bot that answers; absent where the bot stands by.',
    labels: { gateway: 'names' },
    aggregate: 'max',
  },
  kept_gateway_send_duration_seconds: {
    type: 'histogram',
    help: 'How long gateways took to send a message, or to fail; limited: the platform asks for a pause.',
    labels: { gateway: 'names', outcome: ['sent', 'limited', 'failed'] },
    buckets: CALL,
    aggregate: 'sum',
  },
  kept_delivery_duration_seconds: {
    type: 'histogram',
    help: 'How long messages were on their way, from when they were stored to when their delivery was known.',
    labels: { gateway: 'names' },
    buckets: ANSWER,
    aggregate: 'sum',
  },
  kept_deliveries_abandoned_total: {
    type: 'counter',
    help: 'Messages that were given up.',
    labels: { gateway: 'names' },
    aggregate: 'sum',
  },
  kept_flood_wait_seconds: {
    type: 'gauge',
    help: 'How much longer the platform of a gateway wants no message; 0 where it takes them.',
    labels: { gateway: 'names' },
    aggregate: 'max',
  },
  // People and money.
  kept_approvals_total: {
    type: 'counter',
    help: 'Approvals, by what became of them: asked counts each question once.',
    labels: { status: ['asked', 'approved', 'denied', 'expired'] },
    aggregate: 'sum',
  },
  kept_budget_stops_total: {
    type: 'counter',
    help: 'What a budget did not allow.',
    labels: { reason: ['used up', 'no price'] },
    aggregate: 'sum',
  },
  kept_budget_used_ratio: {
    type: 'gauge',
    help: 'The share of a budget of the day or month that is spent or reserved, as the rule budget.used found it within the last 3 minutes; the ten fullest. Absent while no bot leads, or where the rule is off.',
    labels: { budget: 'names' },
    aggregate: 'max',
  },
  // Alerts and checks.
  kept_alerts_firing: {
    type: 'gauge',
    help: 'Alerts of Kept itself that fire.',
    labels: { rule: ALERT_RULE_IDS },
    aggregate: 'max',
  },
  kept_check_up: {
    type: 'gauge',
    help: 'Whether a check that asks nobody else is well, a warning included; absent where it was skipped.',
    labels: { check: 'names' },
    aggregate: 'min',
  },
  // Processes and storage.
  kept_process_info: {
    type: 'gauge',
    help: 'Always 1: what this process is.',
    labels: { role: ['start', 'bot', 'standby', 'worker'], version: 'names' },
    aggregate: 'none',
  },
  kept_processes: {
    type: 'gauge',
    help: 'Processes that give signs of life, on all machines.',
    labels: { role: 'names' },
    aggregate: 'max',
  },
  kept_process_restarts: {
    type: 'gauge',
    help: 'Processes of a role on a machine that began within the window of the rule process.restarts (15 minutes) and broke off: were killed, crashed or failed; absent where there are none.',
    labels: { role: 'names', host: 'names' },
    aggregate: 'max',
  },
  kept_leader: {
    type: 'gauge',
    help: 'Whether the bot of this process answers people; 0 while it stands by. Absent in workers.',
    labels: {},
    aggregate: 'none',
  },
  kept_commit_duration_seconds: {
    type: 'histogram',
    help: 'How long the storage took for commits that end a turn, or attempts at promises.',
    labels: { what: ['turn', 'promises'], outcome: ['stored', 'failed'] },
    buckets: QUICK,
    aggregate: 'sum',
  },
  kept_loop_failures_total: {
    type: 'counter',
    help: 'Times that a loop of this process failed, and goes on.',
    labels: { loop: 'names' },
    aggregate: 'sum',
  },
  kept_http_request_duration_seconds: {
    type: 'histogram',
    help: 'How long the HTTP server took to answer, by the class of the answer.',
    labels: { status: ['1xx', '2xx', '3xx', '4xx', '5xx'] },
    buckets: QUICK,
    aggregate: 'sum',
  },
  kept_disk_free_bytes: {
    type: 'gauge',
    help: 'Free room on the disk of the data directory.',
    labels: {},
    aggregate: 'none',
  },
  kept_disk_size_bytes: {
    type: 'gauge',
    help: 'Size of the disk of the data directory.',
    labels: {},
    aggregate: 'none',
  },
  kept_backup_timestamp_seconds: {
    type: 'gauge',
    help: 'When the newest backup in the data directory was made, in seconds since 1970; absent where there is none.',
    labels: {},
    aggregate: 'max',
  },
  kept_metrics_source_up: {
    type: 'gauge',
    help: 'Whether what gauges are read from gave an answer in time; where it is 0, gauges of it are absent.',
    labels: { source: 'names' },
    aggregate: 'min',
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;

export type MetricName = keyof typeof METRICS;
type NamesOf<Type extends MetricSpec['type']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['type'] extends Type ? Name : never;
}[MetricName];
export type CounterName = NamesOf<'counter'>;
export type GaugeName = NamesOf<'gauge'>;
export type HistogramName = NamesOf<'histogram'>;

type ValueOf<Values> = Values extends readonly (infer Value)[] ? Value : string;
/** A value for each label of that metric. */
export type LabelsOf<Name extends MetricName> = {
  readonly [Label in keyof (typeof METRICS)[Name]['labels']]: ValueOf<(typeof METRICS)[Name]['labels'][Label]>;
};

/** One thing to count, to observe, or to set. */
export type Sample<Names extends MetricName = MetricName> = {
  readonly [Name in Names]: { readonly name: Name; readonly labels: LabelsOf<Name>; readonly value: number };
}[Names];

export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[];
export const specOf = (name: MetricName): MetricSpec => METRICS[name];
