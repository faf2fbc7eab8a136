import type { ChatId } from '../chat/ids.ts';
import type { PermissionKind } from '../coding/permission.ts';
import type { PromiseId } from '../promise/promise.ts';

interface AboutRun {
  readonly promiseId: PromiseId;
  readonly chatId: ChatId;
  /** The coding agent's name. */
  readonly agent: string;
}

/** The coding agent: what it is, and what it does. */
export type CodingEvent =
  | {
      readonly type: 'coding-agent-chosen';
      readonly agent: string;
      /** Whether it runs in bubblewrap. */
      readonly contained: boolean;
    }
  | { readonly type: 'coding-agent-missing'; readonly agent: string; readonly reason: string }
  | (AboutRun & { readonly type: 'coding-run-started'; readonly resumes: boolean })
  | (AboutRun & {
      readonly type: 'coding-run-ended';
      readonly stop: 'end' | 'limit' | 'refused' | 'cancelled';
      readonly denials: number;
      readonly costUsd?: number;
      readonly durationMs: number;
    })
  | (AboutRun & { readonly type: 'coding-denied'; readonly kind: PermissionKind; readonly title: string; readonly reason: string })
  | (AboutRun & { readonly type: 'coding-session-not-stored'; readonly reason: string; readonly error: unknown });
