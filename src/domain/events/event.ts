import type { AgentEvent } from './agent-events.ts';
import type { AlertEvent } from './alert-events.ts';
import type { ApprovalEvent } from './approval-events.ts';
import type { BackupEvent } from './backup-events.ts';
import type { BudgetEvent } from './budget-events.ts';
import type { CodingEvent } from './coding-events.ts';
import type { DeliveryEvent } from './delivery-events.ts';
import type { McpEvent } from './mcp-events.ts';
import type { MessageEvent } from './message-events.ts';
import type { AdapterEvent } from './notices.ts';
import type { ProcessEvent } from './process-events.ts';
import type { PromiseEvent } from './promise-events.ts';
import type { RecallEvent } from './recall-events.ts';
import type { RightEvent } from './right-events.ts';
import type { TurnEvent } from './turn-events.ts';
import type { WebhookDeliveryEvent } from './webhook-events.ts';

/** A fact that happened. Logs, metrics, alerts and audit are made from these; no use case knows who listens. */
export type KeptEvent =
  | MessageEvent
  | TurnEvent
  | AgentEvent
  | AlertEvent
  | ApprovalEvent
  | BackupEvent
  | BudgetEvent
  | CodingEvent
  | PromiseEvent
  | RecallEvent
  | RightEvent
  | DeliveryEvent
  | WebhookDeliveryEvent
  | ProcessEvent
  | McpEvent
  | AdapterEvent;

export type KeptEventType = KeptEvent['type'];
export type EventOf<Type extends KeptEventType> = Extract<KeptEvent, { readonly type: Type }>;
