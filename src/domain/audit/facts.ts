import type { Run } from '../agent/run.ts';
import type { RunStep } from '../agent/run-step.ts';
import type { Approval } from '../approval/approval.ts';
import { STANDING } from '../approval/guarded-call.ts';
import type { LedgerEntry } from '../budget/ledger.ts';
import { sumOf } from '../budget/money.ts';
import { type ChatId, OPERATOR_ID, type UserId } from '../chat/ids.ts';
import type { Turn } from '../conversation/turn.ts';
import type { EventOf } from '../events/event.ts';
import type { RightEvent } from '../events/right-events.ts';
import type { AccessDecision } from '../message/access.ts';
import { type Command, commandIn, type UnknownCommand } from '../message/command.ts';
import type { IncomingMessage } from '../message/message.ts';
import type { AgentPromise, PromiseId, SettledPromise } from '../promise/promise.ts';
import type { RightDecision } from '../rights/right-decision.ts';
import { present } from '../shared/present.ts';
import type { AuditFact } from './audit.ts';

/** Who did it, as the audit log names people. */
export const actorOf = (id: UserId | 'operator'): string => (id === OPERATOR_ID ? 'operator' : id);

/** People asked, and a turn came to its end. What they said is not in here. */
export const askedFact = (
  turn: Turn,
  { messages, promises }: { readonly messages: readonly IncomingMessage[]; readonly promises: readonly PromiseId[] },
): AuditFact => {
  const { usage } = turn;
  const command = messages.map(commandIn).find((each) => each !== undefined);
  const last = messages.at(-1);
  return {
    at: turn.endedAt,
    kind: 'asked',
    actor: last ? actorOf(last.sender.id) : 'kept',
    facts: present({
      chatId: turn.chatId,
      outcome: turn.outcome,
      agent: turn.agent,
      command: command && nameOf(command),
      model: turn.model,
      promises: promises.length > 0 ? promises : undefined,
      toolCalls: turn.toolCalls,
      inputTokens: usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens,
      outputTokens: usage.outputTokens,
      askers: [...new Set(messages.map(({ sender }) => actorOf(sender.id)))],
      messageIds: messages.map(({ messageId }) => messageId),
      turnId: turn.id,
    }),
  };
};

const nameOf = ({ name }: Command | UnknownCommand): string => name;

/** Somebody was not let in. `notTold`: so many denials since the last such fact have none of their own. */
export const deniedFact = (
  { chat, messageId, sender }: Pick<IncomingMessage, 'chat' | 'messageId' | 'sender'>,
  { rule, path }: AccessDecision,
  { at, notTold = 0 }: { readonly at: number; readonly notTold?: number },
): AuditFact => ({
  at,
  kind: 'denied',
  actor: actorOf(sender.id),
  facts: present({ chatId: chat.id, messageId, rule, path, notTold: notTold > 0 ? notTold : undefined }),
});

/** Somebody who was let in asked for what they may not do, by a command. */
export const rightDeniedFact = (
  { chat, messageId, sender }: Pick<IncomingMessage, 'chat' | 'messageId' | 'sender'>,
  { action, rule, path }: RightDecision,
  at: number,
): AuditFact => ({ at, kind: 'denied', actor: actorOf(sender.id), facts: { chatId: chat.id, messageId, action, rule, path } });

/** Somebody asked for what they may not do, and a model called a tool for it. */
export const toolRightDeniedFact = ({ senderId, chatId, action, rule, path }: RightEvent, at: number): AuditFact => ({
  at,
  kind: 'denied',
  actor: actorOf(senderId),
  facts: { chatId, action, rule, path },
});

export const promiseMadeFact = (promise: AgentPromise, at: number): AuditFact => ({
  at,
  kind: 'promise-made',
  actor: actorOf(promise.requestedBy.id),
  facts: present({
    chatId: promise.chatId,
    promiseId: promise.id,
    messageId: promise.messageId,
    agent: promise.agent,
    taskType: promise.taskType,
    schedule: promise.metadata.schedule,
    standingId: promise.metadata[STANDING],
  }),
});

export const promiseEndedFact = (promise: SettledPromise, at: number): AuditFact => ({
  at,
  kind: 'promise-ended',
  actor: `agent:${promise.agent}`,
  facts: present({
    chatId: promise.chatId,
    promiseId: promise.id,
    status: promise.status,
    attempts: promise.attempts,
    code: promise.status === 'failed' ? promise.error.code : undefined,
  }),
});

/** What tools that act did in these steps of a run, of which the first stands at the place `from`. */
export const actedFacts = ({ id, chatId, agent, promiseId }: Run, steps: readonly RunStep[], from: number): readonly AuditFact[] =>
  steps.flatMap((step, place): readonly AuditFact[] => {
    if (step.kind !== 'tool' || step.effect !== 'acts' || step.outcome === 'refused') return [];
    const { tool, callKey, outcome, isError, approvalId, standingId, at } = step;
    const facts = present({ chatId, promiseId, tool, callKey, outcome, isError, approvalId, standingId });
    return [{ at, kind: 'acted', actor: `agent:${agent}`, facts, once: `acted:${id}:${from + place}` }];
  });

/** An event that the receiver of webhooks never took. */
export const webhookAbandonedFact = (
  { eventId, subject, kind, reason }: Omit<EventOf<'webhook-abandoned'>, 'type'>,
  at: number,
): AuditFact => ({ at, kind: 'webhook-abandoned', actor: 'kept', facts: { eventId, subject, kind, reason } });

/** What the operator did by command line or page: `cancel`, `retry`, … */
export const operatorFact = (what: string, facts: AuditFact['facts'], at: number): AuditFact => ({
  at,
  kind: 'operator',
  actor: 'operator',
  facts: { command: what, ...facts },
});

const ofApproval = ({ id, call, digest, promiseId, labels }: Approval) => ({
  chatId: call.chatId,
  approvalId: id,
  promiseId,
  tool: call.tool,
  digest,
  labels,
});

export const approvalAskedFact = (approval: Approval): AuditFact => ({
  at: approval.askedAt,
  kind: 'approval-asked',
  actor: `agent:${approval.agent}`,
  facts: { ...ofApproval(approval), requestedBy: actorOf(approval.requestedBy.id) },
});

/** Of one that was decided: by whom, and how. Of one that expired: that nobody did. */
export const approvalDecidedFact = (approval: Approval, at: number): AuditFact => {
  const expired = approval.status === 'expired';
  return {
    at,
    kind: expired ? 'approval-expired' : 'approval-decided',
    actor: expired || approval.decidedBy === undefined ? 'kept' : actorOf(approval.decidedBy),
    facts: { ...ofApproval(approval), verdict: approval.status },
  };
};

/** Of one that ended without its call, because the promise that it guards did: nobody decided that. */
export const approvalEndedFact = (approval: Approval, promise: SettledPromise, at: number): AuditFact => ({
  at,
  kind: 'approval-ended',
  actor: 'kept',
  facts: { ...ofApproval(approval), verdict: approval.status, promiseStatus: promise.status },
  once: `approval-ended:${approval.id}`,
});

/** Somebody tried to decide, and may not, or came too late. */
export const approvalRefusedFact = ({ approvalId, by, verdict, reason }: EventOf<'approval-refused'>, at: number): AuditFact => ({
  at,
  kind: 'denied',
  actor: actorOf(by),
  facts: { approvalId, action: verdict, reason },
});

/** A standing approval was given or revoked, by that person. */
export const standingApprovalFact = (
  what: 'given' | 'revoked',
  {
    until,
    ...facts
  }: { readonly id: number; readonly tool: string; readonly chatId: ChatId; readonly directory?: string; readonly until?: number },
  by: { readonly actor: UserId | 'operator'; readonly at: number },
): AuditFact => ({
  at: by.at,
  kind: 'standing-approval',
  actor: actorOf(by.actor),
  facts: { what, ...facts, ...present({ until: until === undefined ? undefined : new Date(until).toISOString() }) },
});

/** What one turn or attempt has spent; none where nothing has a price: its tokens stand with the turn. */
export const spentFacts = (
  { id, chatId, agent, endedAt, outcome }: Pick<Turn, 'id' | 'chatId' | 'agent' | 'endedAt' | 'outcome'>,
  entries: readonly Pick<LedgerEntry, 'cost' | 'promiseId'>[],
): readonly AuditFact[] => {
  const costs = entries.flatMap(({ cost }) => cost ?? []);
  const microUsd = sumOf(costs);
  if (microUsd === 0) return [];
  const unpriced = entries.length - costs.length;
  const facts = {
    chatId,
    promiseId: entries.find((entry) => entry.promiseId !== undefined)?.promiseId,
    turnId: outcome === 'attempt' ? undefined : id,
    microUsd,
    calls: entries.length,
    unpriced: unpriced > 0 ? unpriced : undefined,
  };
  return [{ at: endedAt, kind: 'spent', actor: `agent:${agent}`, facts: present(facts), once: `spent:${id}` }];
};

/** Something was not begun, because a budget is used up. `path`: where that budget stands in the configuration. */
export const budgetStoppedFact = ({ chatId, path, reason, name }: EventOf<'budget-stopped'>, at: number): AuditFact => ({
  at,
  kind: 'budget-stopped',
  actor: 'kept',
  facts: { chatId, path, reason, name },
});

/** A call was not made, because private data, untrusted content and a way out would have met in one run. */
export const legRemovedFact = ({ chatId, tool, leg, until, labels }: EventOf<'leg-removed'>, at: number): AuditFact => ({
  at,
  kind: 'leg-removed',
  actor: 'kept',
  facts: { chatId, tool, leg, until, labels },
});

/** Somebody came in by that door, or tried to. `notTold`: so many refusals since the last fact have none. */
export const loginFact = (
  door: 'http' | 'telegram',
  facts: { readonly outcome: 'accepted' | 'refused'; readonly address?: string; readonly account?: string; readonly notTold?: number },
  at: number,
): AuditFact => {
  const { notTold = 0, outcome } = facts;
  return {
    at,
    kind: 'login',
    actor: outcome === 'accepted' ? 'operator' : 'unknown',
    facts: present({ door, ...facts, notTold: notTold > 0 ? notTold : undefined }),
  };
};

/** What a process has read at its start that differs from what the last one of its role had read. */
export interface ConfigurationChange {
  readonly process: string;
  readonly version: string;
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
  /** Places of the configuration, never what stands there; absent where nothing is known of before. */
  readonly added?: readonly string[];
  readonly changed?: readonly string[];
  readonly removed?: readonly string[];
}

export const configurationFact = (change: ConfigurationChange, at: number): AuditFact => ({
  at,
  kind: 'configuration',
  actor: 'operator',
  facts: { ...change },
});
