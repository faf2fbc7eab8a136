import { ADVICE } from '../../domain/agent/advice.ts';
import { CHAT_AGENT } from '../../domain/agent/built-in.ts';
import type { Approval, ApprovalStatus, ApprovedCall, StandingApproval } from '../../domain/approval/approval.ts';
import { digestOf } from '../../domain/approval/digest.ts';
import { CALL, spendingRun } from '../../domain/approval/guarded-call.ts';
import { MAX_OPEN_APPROVALS_PER_CHAT } from '../../domain/approval/limits.ts';
import { deciderName } from '../../domain/approval/transition.ts';
import { visibleCode } from '../../domain/approval/visible.ts';
import type { MicroUsd } from '../../domain/budget/money.ts';
import { BUILT_IN_PRICES, type Prices } from '../../domain/budget/prices.ts';
import { decisionsOf, type TurnDraft } from '../../domain/conversation/decision.ts';
import { type AgentPromise, type PromiseId, retryPolicy } from '../../domain/promise/promise.ts';
import { makePromise } from '../../domain/promise/transition.ts';
import { excerpt, lineExcerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import { writtenBy } from '../../domain/trust/shown.ts';
import { tenantIn } from '../../domain/workspace/policy.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import type { Tool, ToolContext, ToolOutcome } from '../../ports/tool.ts';
import { plannedTool } from '../budgets/planned.ts';
import { askedBy } from '../promises/asked-by.ts';
import { whyFull } from '../promises/make-promise.ts';
import { ApprovalNeededError, type CallGuard, type Guarded, type GuardedCall } from '../tools/call-guard.ts';
import { type AskDeps, askFor, whyNotAsked, whyTooMany } from './ask-approval.ts';

/** How much of a task stands in the question for more money. */
const MAX_TASK = 150;
/** How much of the arguments stands in the description of the promise that runs the call. */
const MAX_DESCRIBED = 300;

/** Makes promises of calls, and approvals that guard them, over these stores. */
export const makeCallGuard = (
  deps: Omit<AskDeps, 'approvals'> & {
    readonly stores: Pick<Stores, 'approvals' | 'promises'>;
    /** Default: those that Kept knows by itself. */
    readonly prices?: Prices | undefined;
  },
): CallGuard => {
  const { clock, redact, approvalMs, prices = BUILT_IN_PRICES } = deps;
  const { approvals, promises } = deps.stores;
  const asking = { approvals, clock, approvalMs };

  const costOf = ({ price }: Tool): MicroUsd | undefined => (price === undefined ? undefined : plannedTool(prices, price).most);

  /** An approval that waits for exactly this call: of this turn, or stored. */
  const alreadyAsked = async (call: ApprovedCall, draft: TurnDraft): Promise<string | undefined> => {
    const digest = digestOf(call);
    const drafted = decisionsOf(draft, 'ask-approval').find(({ approval }) => approval.digest === digest)?.approval;
    const stored =
      drafted ??
      (await approvals.list({ chatId: call.chatId, statuses: ['asked'], limit: MAX_OPEN_APPROVALS_PER_CHAT })).find(
        (each) => each.digest === digest,
      );
    if (!stored) return undefined;
    return `Approval #${stored.id} is asked for exactly this call already, and promise #${stored.promiseId} runs it once a person has approved it. Nothing more was made.`;
  };

  /** The standing approval that says yes to a call, also to what led to it. */
  const standingFor = async (verdict: GuardedCall['verdict'], call: ApprovedCall): Promise<StandingApproval | undefined> => {
    if (verdict.kind !== 'ask' || verdict.isFirm) return undefined;
    const standing = await approvals.standingFor(call, clock.now());
    if (!standing || verdict.ledBy === undefined) return standing;
    const given = await approvals.get(standing.approvalId);
    return given?.labels.includes(verdict.ledBy) ? standing : undefined;
  };

  const promiseCall: CallGuard['promiseCall'] = async ({ tool, input, context, verdict }) => {
    const { draft, scope } = context;
    const refused = (reason: string): ToolOutcome => ({ output: `${tool.name} was not run: ${reason}`, isError: true });
    if (!draft) return refused('nothing can be promised here.');
    const origin = askedBy(context, undefined);
    if (!origin.ok) return refused(`${origin.error.message}.`);
    const call = { tool: tool.name, input, directory: scope.directory, chatId: context.chatId };
    const standing = await standingFor(verdict, call);
    const reason = verdict.kind === 'ask' && !standing ? verdict.reason : undefined;
    const before = await alreadyAsked(call, draft);
    if (before !== undefined) return { output: before, isError: false };
    const drafted = decisionsOf(draft, 'ask-approval').length;
    const problem =
      whyNotAsked(redact, input) ??
      (reason === undefined ? undefined : await whyTooMany(approvals, call, drafted)) ??
      (await whyFull(promises, context.chatId, draft));
    if (problem !== undefined) return refused(`${problem.replace(/\.$/, '')}.`);
    const [id] = await promises.reserveIds(1);
    const terms = termsOf({ tool, input, context, verdict }, id as PromiseId, clock.now(), origin.value);
    const asked =
      reason === undefined
        ? undefined
        : await askFor(asking, makePromise(terms), { call, agent: terms.agent, reason, labels: labelsOf(context), cost: costOf(tool) });
    draft.decide({ type: 'make-promise', promise: makePromise(terms, asked?.id) });
    if (!asked)
      return {
        output: `Promise #${id} is made with this reply: it is exactly this call of ${tool.name}, and runs when the reply is sent. Its outcome comes to this chat by itself. ${ADVICE.promised}`,
        isError: false,
      };
    draft.decide({ type: 'ask-approval', approval: asked });
    return {
      output: `Approval #${asked.id} is asked with this reply: a person has to approve exactly this call of ${tool.name}. Promise #${id} runs it then, and its outcome comes to this chat by itself. ${ADVICE.asked}`,
      isError: false,
    };
  };

  const requireDecision: CallGuard['requireDecision'] = async (guarded) => {
    const { tool, input, context, verdict, cost = costOf(tool) } = guarded;
    const { promise: running, scope, chatId } = context;
    if (!running || (!running.isCall && context.callKey === undefined))
      return refuse("it needs a person's approval, and nobody can give it in this run.");
    const call = { tool: tool.name, input, directory: scope.directory, chatId };
    const callKey = running.isCall ? undefined : context.callKey;
    const last = (await approvals.ofPromise(running.id)).findLast((approval) => approval.callKey === callKey);
    const known = last && verdictOf(last, call, running.isCall === true);
    if (known) return known;
    const standing = await standingFor(verdict, call);
    if (standing) return { kind: 'run', by: { standingId: standing.id } };
    const problem = whyNotAsked(redact, input) ?? (await whyTooMany(approvals, call));
    if (problem !== undefined) return refuse(problem);
    const stored = await promises.get(running.id);
    if (!stored) return refuse('its promise is gone.');
    const why = verdict.kind === 'run' ? 'It acts outside of this chat.' : verdict.reason;
    const spends = spendingRun({ call, ...present({ callKey }) }) !== undefined;
    const reason = spends ? `Promise #${stored.id}, “${lineExcerpt(stored.description, MAX_TASK)}”: ${why}` : why;
    const agent = context.agent ?? stored.agent;
    throw new ApprovalNeededError(await askFor(asking, stored, { call, callKey, agent, reason, labels: labelsOf(context), cost }));
  };

  const askedForMore: CallGuard['askedForMore'] = async (promise, run) => {
    const asked = (await approvals.ofPromise(promise)).filter((approval) => spendingRun(approval) !== undefined);
    const given = asked.filter((approval) => spendingRun(approval) !== run && SAID_YES.includes(approval.status));
    return { wasAsked: asked.length > 0, allowed: given.length };
  };

  return { promiseCall, requireDecision, askedForMore };
};

const SAID_YES: readonly ApprovalStatus[] = ['approved', 'done', 'failed'];

const refuse = (reason: string): Guarded => ({ kind: 'refuse', reason });
const refusedBefore = (reason: string, advice?: string): Guarded => ({ kind: 'refuse', reason, isDecided: true, ...present({ advice }) });

/** What the last decision on that call means for it now; undefined where people are to be asked, again. */
const verdictOf = (last: Approval, call: ApprovedCall, isCall: boolean): Guarded | undefined => {
  switch (last.status) {
    case 'approved':
      return last.digest === digestOf(call) ? { kind: 'run', by: { approvalId: last.id } } : refusedBefore(CHANGED);
    case 'asked':
      return refusedBefore(`approval #${last.id} still waits for a decision.`);
    // A promise that is one call runs again only where a person retries it: then people are asked again.
    case 'denied':
    case 'expired':
      return isCall ? undefined : refusedBefore(notApprovedWords(last), ADVICE.notRun);
    case 'done':
    case 'failed':
      return isCall ? undefined : refusedBefore(`approval #${last.id} was used already.`);
  }
};

export const CHANGED = 'this call has changed since it was asked about.';

const notApprovedWords = ({ id, status, decidedBy }: Approval): string =>
  status === 'expired'
    ? `nobody approved it in time (approval #${id}).`
    : `${decidedBy === undefined ? 'a person' : deciderName(decidedBy)} denied it (approval #${id}).`;

const labelsOf = ({ shown }: ToolContext) => shown?.provenance().labels ?? [];

/** The promise that is exactly this call. It is tried once: what acts is not repeated by itself. */
const termsOf = (
  { tool, input, context }: GuardedCall,
  id: PromiseId,
  at: number,
  origin: Pick<AgentPromise, 'chatId' | 'chatKind' | 'messageId' | 'requestedBy'>,
) => ({
  id,
  chatId: origin.chatId,
  chatKind: origin.chatKind,
  requestedBy: origin.requestedBy,
  ...present({ messageId: origin.messageId, provenance: writtenBy(context.shown) }),
  description: `Call ${tool.name} with ${visibleCode(excerpt(JSON.stringify(input ?? {}), MAX_DESCRIBED))}`,
  agent: context.agent ?? CHAT_AGENT.name,
  taskType: 'analysis' as const,
  tenant: tenantIn(context.scope, context.chatId),
  priority: 5,
  dependsOn: [],
  retry: retryPolicy({ maxAttempts: 1 }),
  metadata: { [CALL]: { tool: tool.name, input } },
  createdAt: at,
});
