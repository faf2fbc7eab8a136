import type { Refusal, Result } from '../../domain/shared/result.ts';
import type { WebhookEvent, WebhookStatus } from '../../domain/webhook/webhook-event.ts';
import type { WebhookStats } from '../storage/webhook-store.ts';

/** Where the events for webhooks stand. */
export interface WebhooksReport {
  /** Absent: no address is configured, and nothing is stored. */
  readonly receiver?: { readonly place: string; readonly isSigned: boolean };
  readonly stats: WebhookStats;
  /** Until when the receiver is left alone, because it failed so often in a row. Absent: it is not. */
  readonly pause?: { readonly failures: number; readonly until: number };
  /** Newest first. */
  readonly events: readonly WebhookEvent[];
}

/** What may be asked about webhooks. Each rejects with PortError. */
export interface Webhooks {
  list(query: { readonly statuses?: readonly WebhookStatus[]; readonly limit: number }): Promise<WebhooksReport>;
  /** Posts a test at once, from this process. Resolves to why the receiver did not take it; undefined where it did. */
  test(): Promise<Result<{ readonly eventId: string; readonly reason?: string }, Refusal<'webhook/no-receiver'>>>;
  /** Posts events again that were given up: that one, or all. Resolves to how many. */
  retry(eventId?: string): Promise<Result<number, Refusal<'webhook/not-found' | 'webhook/not-failed'>>>;
}
