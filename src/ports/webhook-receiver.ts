import type { WebhookFact } from '../domain/webhook/webhook-event.ts';

/** What is posted. */
export interface PostedEvent {
  readonly eventId: string;
  /** When it happened, in ms since 1970. */
  readonly at: number;
  /** A test tells of nothing that happened. */
  readonly fact: WebhookFact | { readonly type: 'webhook.test'; readonly note: string };
}

/** Whoever the operator has told to post facts to. */
export interface WebhookReceiver {
  /** Its address without what may be secret: `https://example.org`. */
  readonly place: string;
  readonly isSigned: boolean;
  /**
   * Posts an event once. Resolves when the receiver has taken it. MUST give up soon after `signal` aborts. MUST reject
   * with PortError where the event was not taken: `not-found` where the receiver wants this event never again,
   * `invalid-request` where it does not take this event, and any other code where it takes none at the moment.
   * `retryAfterMs`: how long it asks to be left alone. No message of an error holds a secret or what was posted.
   */
  post(event: PostedEvent, signal: AbortSignal): Promise<void>;
}
