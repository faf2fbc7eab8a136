import { type AskedApproval, type StandingApproval, toUsd, visibleJson } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import { iso } from './iso.ts';

/** An approval in a list, as JSON; times are ISO 8601 in UTC. */
export const approvalLine = ({ id, status, call, askedAt, decidedBy }: AskedApproval) => ({
  id,
  status,
  tool: call.tool,
  chatId: call.chatId,
  askedAt: iso(askedAt),
  ...present({ decidedBy }),
});

/** All of an approval but its token. `arguments`: its input as people read it, every character visible. */
export const approvalView = (approval: AskedApproval) => {
  const {
    call,
    cost,
    digest,
    agent,
    requestedBy,
    labels,
    reason,
    promiseId,
    messageId,
    expiresAt,
    decidedAt,
    endedAt,
    outcome,
    isUnknown,
  } = approval;
  const time = (at: number | undefined): string | undefined => (at === undefined ? undefined : iso(at));
  return {
    ...approvalLine(approval),
    input: call.input,
    arguments: visibleJson(call.input),
    directory: call.directory,
    digest,
    agent,
    requestedBy,
    labels,
    reason,
    promiseId,
    ...present({ messageId, costUsd: cost === undefined ? undefined : toUsd(cost) }),
    expiresAt: iso(expiresAt),
    ...present({ decidedAt: time(decidedAt), endedAt: time(endedAt), outcome, isUnknown }),
  };
};

/** A standing approval as JSON. */
export const standingView = (standing: StandingApproval) => {
  const { id, tool, directory, chatId, givenBy, givenAt, expiresAt, approvalId, revokedAt, revokedBy } = standing;
  return {
    id,
    tool,
    directory,
    chatId,
    givenBy,
    givenAt: iso(givenAt),
    expiresAt: iso(expiresAt),
    approvalId,
    ...present({ revokedAt: revokedAt === undefined ? undefined : iso(revokedAt), revokedBy }),
  };
};
