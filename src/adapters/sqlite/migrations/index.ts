import type { Migration } from '../../sql/migrations.ts';
import { InitialTables1763769600000 } from './1763769600000-initial-tables.ts';
import { GatewayTables1763773200000 } from './1763773200000-gateway-tables.ts';
import { LifeOfPromises1763776800000 } from './1763776800000-life-of-promises.ts';
import { FairShares1763784000000 } from './1763784000000-fair-shares.ts';
import { GateOfTurns1763787600000 } from './1763787600000-gate-of-turns.ts';
import { OutboxByPromise1763794800000 } from './1763794800000-outbox-by-promise.ts';
import { OutboxByMessage1763798400000 } from './1763798400000-outbox-by-message.ts';
import { PromisesAtHand1763802000000 } from './1763802000000-promises-at-hand.ts';
import { IndexesByState1763805600000 } from './1763805600000-indexes-by-state.ts';
import { RetryPolicies1763809200000 } from './1763809200000-retry-policies.ts';
import { RepliesAndRevisions1763812800000 } from './1763812800000-replies-and-revisions.ts';
import { ChatMoves1763816400000 } from './1763816400000-chat-moves.ts';
import { MessagesByQuoted1763820000000 } from './1763820000000-messages-by-quoted.ts';
import { IdsNameTheirGateway1763823600000 } from './1763823600000-ids-name-their-gateway.ts';
import { Journal1764460800000 } from './1764460800000-journal.ts';
import { Recall1764547200000 } from './1764547200000-recall.ts';
import { Summaries1764633600000 } from './1764633600000-summaries.ts';
import { FilesOfMessages1764720000000 } from './1764720000000-files-of-messages.ts';
import { Approvals1764806400000 } from './1764806400000-approvals.ts';
import { Buttons1764806410000 } from './1764806410000-buttons.ts';
import { Cards1764806411000 } from './1764806411000-cards.ts';
import { Ledger1764806420000 } from './1764806420000-ledger.ts';
import { Provenance1764806430000 } from './1764806430000-provenance.ts';
import { AuditLog1764806440000 } from './1764806440000-audit-log.ts';
import { Pairings1764806450000 } from './1764806450000-pairings.ts';
import { FactsToldOnce1764806460000 } from './1764806460000-facts-told-once.ts';
import { Processes1764806461000 } from './1764806461000-processes.ts';
import { Sketches1764806470000 } from './1764806470000-sketches.ts';
import { Alerts1764806480000 } from './1764806480000-alerts.ts';
import { CostsOfApprovals1764806481000 } from './1764806481000-costs-of-approvals.ts';
import { UnknownOutcomes1764806490000 } from './1764806490000-unknown-outcomes.ts';
import { Phases1764806500000 } from './1764806500000-phases.ts';
import { WebhookEvents1764806510000 } from './1764806510000-webhook-events.ts';
import { RequestKeys1764806511000 } from './1764806511000-request-keys.ts';
import { DeskIndexes1764806560000 } from './1764806560000-desk-indexes.ts';
import { WebhooksDue1764806570000 } from './1764806570000-webhooks-due.ts';

/**
 * Oldest first. One that was ever released is never changed: a later one amends it. What takes something away from code
 * that uses it is a `contract`, comes a release after the `expand` that replaces it, and names that one as its `needs`.
 */
export const MIGRATIONS: Migration[] = [
  InitialTables1763769600000,
  GatewayTables1763773200000,
  LifeOfPromises1763776800000,
  FairShares1763784000000,
  GateOfTurns1763787600000,
  OutboxByPromise1763794800000,
  OutboxByMessage1763798400000,
  PromisesAtHand1763802000000,
  IndexesByState1763805600000,
  RetryPolicies1763809200000,
  RepliesAndRevisions1763812800000,
  ChatMoves1763816400000,
  MessagesByQuoted1763820000000,
  IdsNameTheirGateway1763823600000,
  Journal1764460800000,
  Recall1764547200000,
  Summaries1764633600000,
  FilesOfMessages1764720000000,
  Approvals1764806400000,
  Buttons1764806410000,
  Cards1764806411000,
  Ledger1764806420000,
  Provenance1764806430000,
  AuditLog1764806440000,
  Pairings1764806450000,
  FactsToldOnce1764806460000,
  Processes1764806461000,
  Sketches1764806470000,
  Alerts1764806480000,
  CostsOfApprovals1764806481000,
  UnknownOutcomes1764806490000,
  Phases1764806500000,
  WebhookEvents1764806510000,
  RequestKeys1764806511000,
  DeskIndexes1764806560000,
  WebhooksDue1764806570000,
];
