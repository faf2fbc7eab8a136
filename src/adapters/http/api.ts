import type {
  AgentPromise,
  ChatId,
  MessageId,
  PingReports,
  PromiseId,
  PromiseStatus,
  Result,
  Schedule,
  ScheduleId,
  Verdict,
} from '../../domain/index.ts';
import type { TranscriptMessage } from '../../ports/index.ts';

/** An expected refusal, in words for the person who asked. */
export interface ApiError {
  readonly code: string;
  readonly message: string;
  /** After so many ms it is possible at the latest, where that is known. */
  readonly retryAfterMs?: number;
}

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
  }): Promise<Result<{ readonly chatId: ChatId; readonly messageId: MessageId }, ApiError>>;
  /** Messages with a higher sequence than `after`, lowest first; without `after`, the newest `limit`. */
  listMessages(chatId: ChatId, after: number | undefined, limit: number): Promise<readonly TranscriptMessage[]>;
  /**
   * What became of a message that was sent here; undefined when there is none, or nothing is decided yet. Absent:
   * nobody can say.
   */
  verdictOf?(chatId: ChatId, messageId: MessageId): Promise<Verdict | undefined>;
  /**
   * Shows every message with a higher sequence than `after` (without it: that comes from now on) once and in order, and the
   * chat's drafts and promises. Messages and drafts MUST wait for the promise that the listener returned for the one
   * before: it is how a slow reader holds them back.
   */
  subscribe(chatId: ChatId, listener: (event: ChatEvent) => void | Promise<void>, after?: number): () => void;
  /** Newest first. */
  listPromises(filter: {
    readonly statuses?: readonly PromiseStatus[];
    readonly chatId?: ChatId;
    readonly limit: number;
  }): Promise<readonly AgentPromise[]>;
  getPromise(id: PromiseId): Promise<AgentPromise | undefined>;
  /** These two refuse with `promise/not-found`, and otherwise with what the transition that was refused says. */
  cancelPromise(id: PromiseId): Promise<Result<AgentPromise, ApiError>>;
  retryPromise(id: PromiseId): Promise<Result<AgentPromise, ApiError>>;
  /** Newest first; active ones alone where asked for. Absent: there are none here. */
  listSchedules?(filter: { readonly chatId?: ChatId; readonly activeOnly: boolean; readonly limit: number }): Promise<readonly Schedule[]>;
  /** Refusals: `schedule/not-found`, `schedule/already-ended`. Promises that it has made stand. */
  cancelSchedule?(id: ScheduleId): Promise<Result<Schedule, ApiError>>;
  /** Refused with `bot/stands-by` where this process does not answer people now. A ping that fails is a report, too. */
  pingSelf(): Promise<Result<PingReports, ApiError>>;
  health(): Promise<HealthSummary>;
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
