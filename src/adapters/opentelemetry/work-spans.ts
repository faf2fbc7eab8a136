import type { KeptEvent, Usage } from '../../domain/index.ts';
import { present } from '../../domain/index.ts';
import type { WorkName, WorkScope } from '../../ports/index.ts';
import { ERROR_TYPE, GEN_AI, KEPT, OPERATIONS } from './conventions.ts';
import type { Attributes, Span } from './span.ts';

/** What is known of work that is under way, from the events in it. */
export interface Noted {
  readonly attributes: Attributes;
  readonly points: Span['points'];
  readonly isError: boolean;
}

export const NOTHING_NOTED: Noted = { attributes: {}, points: [], isError: false };

/** Whether work in which this has happened is no span: denied messages would let strangers make spans at will. */
export const isLeftOut = ({ type }: KeptEvent, { name }: WorkScope): boolean =>
  name === 'receive' && (type === 'message-denied' || type === 'message-repeated');

interface WorkSpan {
  readonly name: (scope: WorkScope) => string;
  readonly kind: Span['kind'];
  /** What the span has from its beginning. */
  readonly attributes?: (scope: WorkScope) => Attributes;
}

/** The spans of scopes: they begin and end with the work. */
export const WORK_SPANS: Readonly<Record<WorkName, WorkSpan>> = {
  receive: { name: () => 'receive message', kind: 'consumer' },
  fetch: { name: () => 'fetch files', kind: 'internal' },
  turn: { name: () => 'turn', kind: 'internal' },
  agent: {
    name: ({ agent }) => `${OPERATIONS.agent} ${agent}`,
    kind: 'internal',
    attributes: ({ agent = '' }) => ({ [GEN_AI.operation]: OPERATIONS.agent, [GEN_AI.agent]: agent }),
  },
  promise: { name: () => 'promise', kind: 'consumer' },
  deliver: { name: () => 'deliver message', kind: 'producer' },
};

/** Events that are a point of time in the span around them. */
const POINTS: ReadonlySet<KeptEvent['type']> = new Set([
  'model-retried',
  'model-declined',
  'model-request-shortened',
  'answer-sent-back',
  'answer-corrected',
  'answer-rewritten',
  'result-sent-back',
  'leg-removed',
  'budget-stopped',
  'cheaper-model-chosen',
  'turn-stopped',
  'turn-restarted',
  'turn-crashed',
  'outcomes-resurfaced',
  'approval-asked',
  'promise-run-aborted',
  'promise-end-dropped',
  'executor-crashed',
  'delivery-retried',
  'delivery-abandoned',
  'delivery-redirected',
  'gateway-rate-limited',
  'inbound-retried',
  'attachments-failed',
  'tool-ignored-abort',
  'agent-ignored-abort',
  'storage-retried',
]);
const MAX_POINTS = 32;

type Note = Partial<Pick<Noted, 'attributes' | 'isError'>>;

/** What an event says of the work that it happened in. Undefined: nothing. */
const noteOf = (event: KeptEvent, { name }: WorkScope): Note | undefined => {
  switch (event.type) {
    case 'message-received':
      return {
        attributes: {
          ...aboutChat(event.chatId),
          [KEPT.message]: event.messageId,
          [KEPT.rule]: event.rule,
          [KEPT.verdict]: event.verdict ?? 'to-answer',
        },
      };
    case 'message-edited':
      return { attributes: { ...aboutChat(event.chatId), [KEPT.message]: event.messageId, [KEPT.edit]: event.effect } };
    case 'attachments-fetched':
      return { attributes: { ...aboutChat(event.chatId), [KEPT.message]: event.messageId, [KEPT.files]: event.count } };
    case 'turn-committed':
      return {
        attributes: {
          ...aboutChat(event.chatId),
          [KEPT.turn]: event.turnId,
          [KEPT.outcome]: event.outcome,
          [KEPT.messages]: event.messages,
          [KEPT.promises]: event.promises.map(String),
          [KEPT.toolCalls]: event.toolCalls,
          [GEN_AI.agent]: event.agent,
          ...(event.outcome === 'failed' ? { [ERROR_TYPE]: 'turn-failed' } : {}),
        },
        isError: event.outcome === 'failed',
      };
    case 'agent-run-ended':
      return { attributes: { [KEPT.run]: event.outcome, ...present({ [KEPT.workspace]: event.workspace }) } };
    case 'promise-attempt-started':
      return { attributes: { ...aboutChat(event.chatId), [KEPT.promise]: event.promiseId, [KEPT.attempt]: event.attempt } };
    case 'promise-attempt-ended':
      return {
        attributes: {
          [KEPT.taskType]: event.taskType,
          [KEPT.outcome]: event.end,
          [KEPT.status]: event.status,
          [GEN_AI.agent]: event.agent,
          ...present({ [ERROR_TYPE]: event.reason?.code }),
        },
        isError: event.end === 'fail',
      };
    case 'message-delivered':
      return {
        attributes: {
          ...aboutChat(event.chatId),
          [KEPT.outbox]: event.outboxId,
          [KEPT.sends]: event.attempts,
          [KEPT.outcome]: 'delivered',
          ...present({ [KEPT.promise]: event.promiseId, [KEPT.message]: event.messageId }),
        },
      };
    case 'delivery-retried':
    case 'delivery-abandoned':
      return {
        attributes: {
          ...aboutChat(event.chatId),
          [KEPT.outbox]: event.outboxId,
          [KEPT.outcome]: event.type === 'delivery-retried' ? 'retried' : 'abandoned',
        },
        isError: true,
      };
    case 'delivery-not-recorded':
      return { attributes: { ...aboutChat(event.chatId), [KEPT.outbox]: event.outboxId, [ERROR_TYPE]: 'storage' }, isError: true };
    case 'model-responded':
      return name === 'agent' ? { attributes: aboutChat(event.chatId) } : undefined;
    default:
      return undefined;
  }
};

const aboutChat = (chatId: string): Attributes => ({ [KEPT.chat]: chatId, [GEN_AI.conversation]: chatId });

/** What is known of the work once this has happened in it; the same object where it says nothing. */
export const notedAfter = (noted: Noted, scope: WorkScope, event: KeptEvent, at: number): Noted => {
  const note = noteOf(event, scope);
  const isPoint = POINTS.has(event.type) && noted.points.length < MAX_POINTS;
  if (!note && !isPoint) return noted;
  return {
    attributes: { ...noted.attributes, ...note?.attributes },
    points: isPoint ? [...noted.points, { name: event.type, at }] : noted.points,
    isError: noted.isError || (note?.isError ?? false),
  };
};

/** As the conventions count: what was read from a cache, and written to it, is input, too. */
export const usageAttributes = ({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }: Usage): Attributes => ({
  [GEN_AI.inputTokens]: inputTokens + cacheReadTokens + cacheWriteTokens,
  [GEN_AI.outputTokens]: outputTokens,
  [GEN_AI.cacheReadTokens]: cacheReadTokens,
  [GEN_AI.cacheWriteTokens]: cacheWriteTokens,
});
