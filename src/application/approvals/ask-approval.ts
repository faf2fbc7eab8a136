import type { Approval, ApprovedCall, AskedApproval } from '../../domain/approval/approval.ts';
import { digestOf } from '../../domain/approval/digest.ts';
import { DEFAULT_APPROVAL_MS, MAX_ASKED_LENGTH, MAX_OPEN_APPROVALS_PER_CHAT } from '../../domain/approval/limits.ts';
import type { MicroUsd } from '../../domain/budget/money.ts';
import type { AgentPromise } from '../../domain/promise/promise.ts';
import { canonicalJson } from '../../domain/shared/canonical-json.ts';
import { present } from '../../domain/shared/present.ts';
import { wellFormed } from '../../domain/shared/well-formed.ts';
import type { TrustLabel } from '../../domain/trust/labels.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Redact } from '../../ports/redact.ts';
import type { ApprovalStore } from '../../ports/storage/approval-store.ts';
import { redactValues } from '../tools/redact-values.ts';

export interface AskDeps {
  readonly approvals: ApprovalStore;
  readonly clock: Pick<Clock, 'now'>;
  readonly redact: Redact;
  /** How long an approval waits for a decision. Default: a day. */
  readonly approvalMs?: number | undefined;
}

/** Why nobody can be asked about these arguments, in words for the model; undefined where people can. */
export const whyNotAsked = (redact: Redact, input: unknown): string | undefined => {
  const text = canonicalJson(input);
  if (text.length > MAX_ASKED_LENGTH)
    return `it needs the approval of a person, and its arguments are longer than the ${MAX_ASKED_LENGTH} characters that a person can be asked about.`;
  if (canonicalJson(redactValues(redact, input)) !== text)
    return 'it needs the approval of a person, and its arguments hold what looks like a secret, which is shown to nobody and kept nowhere.';
  return canonicalJson(wellFormed(input)) === text && !NUL.test(text)
    ? undefined
    : 'it needs the approval of a person, and its arguments hold characters that can not be shown.';
};

/** In JSON; a backslash of its own is written as two. */
const NUL = /(?<!\\)(?:\\\\)*\\u0000/;

/** Why no further approval may be asked for in that chat; undefined where it may. `drafted`: by this turn. */
export const whyTooMany = async (
  approvals: Pick<ApprovalStore, 'countAsked'>,
  { chatId }: Pick<ApprovedCall, 'chatId'>,
  drafted = 0,
): Promise<string | undefined> => {
  const open = (await approvals.countAsked(chatId)) + drafted;
  return open < MAX_OPEN_APPROVALS_PER_CHAT
    ? undefined
    : `it needs the approval of a person, and ${open} approvals of this chat wait for a decision already: people have to decide on some first.`;
};

/** An approval of that call, which the promise waits for. Nothing is stored yet. */
export const askFor = async (
  { approvals, clock, approvalMs = DEFAULT_APPROVAL_MS }: Omit<AskDeps, 'redact'>,
  promise: AgentPromise,
  asked: {
    readonly call: ApprovedCall;
    readonly callKey?: string | undefined;
    readonly agent: string;
    readonly reason: string;
    readonly labels: readonly TrustLabel[];
    readonly cost?: MicroUsd | undefined;
  },
): Promise<AskedApproval> => {
  const [id] = await approvals.reserveIds(1);
  const now = clock.now();
  const { call, callKey, agent, reason, labels, cost } = asked;
  return {
    id: id as Approval['id'],
    call,
    chatKind: promise.chatKind,
    digest: digestOf(call),
    promiseId: promise.id,
    agent,
    requestedBy: promise.requestedBy,
    labels,
    reason,
    askedAt: now,
    expiresAt: Math.min(now + approvalMs, promise.deadline ?? Number.POSITIVE_INFINITY),
    status: 'asked',
    ...present({ callKey, cost, messageId: promise.messageId }),
  };
};
