import { type ChatId, gatewayOf, type KeptEvent, OWN_ANSWERS, UNKNOWN_NAME, type Usage } from '../../domain/index.ts';
import type { CounterName, HistogramName, Sample as SampleOf } from './catalog.ts';

/** What an event counts. Gauges are read where they are. */
type Sample = SampleOf<CounterName | HistogramName>;

const NOTHING: readonly Sample[] = [];
const seconds = (ms: number): number => Math.max(0, ms) / 1_000;
const one = (sample: Sample): readonly Sample[] => [sample];

/** The samples of an event. Their names are neither redacted nor bounded yet. */
export const samplesOf = (event: KeptEvent): readonly Sample[] =>
  aboutMessages(event) ?? aboutAgents(event) ?? aboutPromises(event) ?? aboutProcesses(event) ?? NOTHING;

const aboutMessages = (event: KeptEvent): readonly Sample[] | undefined => {
  switch (event.type) {
    case 'message-received': {
      const { verdict } = event;
      // An answered message was received before, and waited.
      const now = verdict === 'ignored' || verdict === 'remembered' || verdict === 'denied' ? verdict : 'waiting';
      return one(received(event.chatId, now));
    }
    case 'message-denied':
      // At its turn it was counted already.
      return event.at === 'arrival' && event.rule !== 'edited-by-another' ? one(received(event.chatId, 'denied')) : NOTHING;
    case 'gateway-called': {
      const { gateway, outcome, durationMs } = event;
      return one({ name: 'kept_gateway_send_duration_seconds', labels: { gateway, outcome }, value: seconds(durationMs) });
    }
    case 'message-delivered':
      return one({ name: 'kept_delivery_duration_seconds', labels: ofChat(event.chatId), value: seconds(event.durationMs) });
    case 'webhook-delivered':
    case 'webhook-retried':
    case 'webhook-abandoned':
      return one({ name: 'kept_webhook_posts_total', labels: { outcome: OUTCOME_OF_POST[event.type] }, value: 1 });
    case 'delivery-abandoned':
      return one({ name: 'kept_deliveries_abandoned_total', labels: ofChat(event.chatId), value: 1 });
    default:
      return undefined;
  }
};

const aboutAgents = (event: KeptEvent): readonly Sample[] | undefined => {
  switch (event.type) {
    case 'turn-committed': {
      const { agent, outcome, durationMs } = event;
      const counted: Sample = { name: 'kept_turns_total', labels: { agent, outcome }, value: 1 };
      if (agent === OWN_ANSWERS) return one(counted);
      return [counted, { name: 'kept_turn_duration_seconds', labels: {}, value: seconds(durationMs) }];
    }
    case 'agent-run-ended': {
      const { agent, outcome, durationMs } = event;
      return one({ name: 'kept_agent_run_duration_seconds', labels: { agent, outcome }, value: seconds(durationMs) });
    }
    case 'model-responded': {
      const { reference: model, usage, durationMs } = event;
      // Of a reply that broke off, the failure tells; its tokens are paid.
      if (event.brokeOff) return tokens(model, usage);
      return [
        { name: 'kept_model_request_duration_seconds', labels: { model, outcome: 'done' }, value: seconds(durationMs) },
        ...tokens(model, usage),
      ];
    }
    case 'model-failed': {
      const { model, code, durationMs } = event;
      return [
        { name: 'kept_model_request_duration_seconds', labels: { model, outcome: 'failed' }, value: seconds(durationMs) },
        { name: 'kept_model_failures_total', labels: { model, code }, value: 1 },
      ];
    }
    case 'tool-called': {
      const { outcome, durationMs } = event;
      // The model made the name up.
      const tool = outcome === 'unknown-tool' ? UNKNOWN_NAME : event.tool;
      return one({ name: 'kept_tool_duration_seconds', labels: { tool, outcome }, value: seconds(durationMs) });
    }
    default:
      return undefined;
  }
};

const aboutPromises = (event: KeptEvent): readonly Sample[] | undefined => {
  switch (event.type) {
    case 'promise-made':
      return one({ name: 'kept_promises_made_total', labels: { task_type: event.taskType, by: event.by }, value: 1 });
    case 'promise-attempt-ended': {
      const { taskType: task_type, end, durationMs } = event;
      return one({ name: 'kept_promise_attempt_duration_seconds', labels: { task_type, end }, value: seconds(durationMs) });
    }
    case 'approval-asked':
      return one({ name: 'kept_approvals_total', labels: { status: 'asked' }, value: 1 });
    case 'approval-decided':
      return one({ name: 'kept_approvals_total', labels: { status: event.verdict }, value: 1 });
    case 'approval-expired':
      return one({ name: 'kept_approvals_total', labels: { status: 'expired' }, value: 1 });
    case 'budget-stopped':
      return one({ name: 'kept_budget_stops_total', labels: { reason: event.reason }, value: 1 });
    default:
      return undefined;
  }
};

const aboutProcesses = (event: KeptEvent): readonly Sample[] | undefined => {
  switch (event.type) {
    case 'commit-ended': {
      const { what, outcome, durationMs } = event;
      return one({ name: 'kept_commit_duration_seconds', labels: { what, outcome }, value: seconds(durationMs) });
    }
    case 'poll-failed':
      return one({ name: 'kept_loop_failures_total', labels: { loop: event.loop }, value: 1 });
    case 'http-noticed': {
      const { status, elapsedMs } = event.facts;
      if (event.notice !== 'request-answered' || typeof status !== 'number' || typeof elapsedMs !== 'number') return NOTHING;
      return one({ name: 'kept_http_request_duration_seconds', labels: { status: statusClass(status) }, value: seconds(elapsedMs) });
    }
    default:
      return undefined;
  }
};

const statusClass = (status: number) => {
  if (status < 200) return '1xx';
  if (status < 300) return '2xx';
  if (status < 400) return '3xx';
  return status < 500 ? '4xx' : '5xx';
};

const ofChat = (chatId: ChatId): { readonly gateway: string } => ({ gateway: gatewayOf(chatId) });

const received = (chatId: ChatId, verdict: 'waiting' | 'ignored' | 'remembered' | 'denied'): Sample => ({
  name: 'kept_messages_received_total',
  labels: { ...ofChat(chatId), verdict },
  value: 1,
});

const tokens = (model: string, usage: Usage): readonly Sample[] => {
  const count = (kind: 'input' | 'output' | 'cache_read' | 'cache_write', value: number): Sample => ({
    name: 'kept_model_tokens_total',
    labels: { model, kind },
    value,
  });
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = usage;
  return [
    count('input', inputTokens),
    count('output', outputTokens),
    count('cache_read', cacheReadTokens),
    count('cache_write', cacheWriteTokens),
  ];
};

const OUTCOME_OF_POST = { 'webhook-delivered': 'delivered', 'webhook-retried': 'retried', 'webhook-abandoned': 'abandoned' } as const;
