import type { AgentPromise, ChatId, MessageId, PingReports, Refusal, Result, Schedule } from '../../domain/index.ts';
import type {
  CancelPromise,
  CancelSchedule,
  GetPromise,
  GetVerdict,
  ListPromises,
  ListSchedules,
  RetryPromise,
  TranscriptMessage,
} from '../../ports/index.ts';

export type ChatEvent =
  | { readonly type: 'message'; readonly message: TranscriptMessage }
  /** All of a growing answer so far; `''` when it is over. */
  | { readonly type: 'draft'; readonly text: string }
  /** A promise of this chat was made or changed. */
  | { readonly type: 'promise'; readonly promise: AgentPromise };

/** What the HTTP server lets people do. It may throw PortError. */
export interface HttpApi {
  /** Resolves once the message is durable. Refusals: `message/empty`, `message/too-long`, `chat/not-local`. */
  postMessage(request: {
    readonly chatId: ChatId;
    readonly text: string;
  }): Promise<Result<{ readonly chatId: ChatId; readonly messageId: MessageId }, Refusal>>;
  /** Messages with a higher sequence than `after`, lowest first; without `after`, the newest `limit`. */
  listMessages(chatId: ChatId, after: number | undefined, limit: number): Promise<readonly TranscriptMessage[]>;
  /** Absent: nobody can say. */
  getVerdict?: GetVerdict;
  /**
   * Shows every message with a higher sequence than `after` (without it: that comes from now on) once and in order, and the
   * chat's drafts and promises. Messages and drafts MUST wait for the promise that the listener returned for the one
   * before: it is how a slow reader holds them back.
   */
  subscribe(chatId: ChatId, listener: (event: ChatEvent) => void | Promise<void>, after?: number): () => void;
  listPromises: ListPromises;
  getPromise: GetPromise;
  cancelPromise: CancelPromise;
  retryPromise: RetryPromise;
  /** Absent: there are no schedules here. */
  listSchedules?: ListSchedules;
  /** Absent: there are no schedules here. */
  cancelSchedule?: CancelSchedule;
  /** Refused with `bot/stands-by` where this process does not answer people now. A ping that fails is a report, too. */
  pingSelf(): Promise<Result<PingReports, Refusal>>;
  health(): Promise<HealthSummary>;
}

/** How things look as JSON. */
export interface ApiViews {
  message(message: TranscriptMessage): object;
  promise(promise: AgentPromise): object;
  schedule(schedule: Schedule): object;
}

export interface HealthSummary {
  readonly status: 'ok' | 'degraded' | 'down';
  readonly version: string;
  readonly pid: number;
  readonly uptimeMs: number;
  readonly model: string;
  readonly storage: string;
  readonly checks: readonly { readonly name: string; readonly status: 'ok' | 'degraded' | 'down'; readonly detail?: string }[];
}
