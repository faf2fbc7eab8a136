import type { WebhookType } from '../webhook/webhook-event.ts';

interface AboutWebhook {
  readonly eventId: string;
  readonly subject: string;
  readonly kind: WebhookType;
}

/** What becomes of the facts that are posted to the receiver of webhooks. */
export type WebhookDeliveryEvent =
  | (AboutWebhook & {
      readonly type: 'webhook-delivered';
      readonly attempts: number;
      /** From when it happened to when the receiver had taken it. */
      readonly durationMs: number;
    })
  | (AboutWebhook & { readonly type: 'webhook-retried'; readonly attempts: number; readonly reason: string; readonly waitMs: number })
  | (AboutWebhook & { readonly type: 'webhook-abandoned'; readonly reason: string })
  | (AboutWebhook & { readonly type: 'webhook-not-recorded'; readonly failures: number; readonly reason: string; readonly error: unknown })
  | { readonly type: 'webhooks-purged'; readonly count: number };
