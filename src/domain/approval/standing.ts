import type { ApprovedCall, StandingApproval } from './approval.ts';

/** Whether it says yes to that call at that time. */
export const standsFor = (standing: StandingApproval, { tool, directory, chatId }: Omit<ApprovedCall, 'input'>, at: number): boolean =>
  holds(standing, at) && standing.tool === tool && standing.directory === directory && standing.chatId === chatId;

/** Whether it is neither over nor revoked. */
export const holds = ({ givenAt, expiresAt, revokedAt }: StandingApproval, at: number): boolean =>
  revokedAt === undefined && givenAt <= at && at < expiresAt;
